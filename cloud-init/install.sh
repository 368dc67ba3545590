#!/bin/sh
# Installs, upgrades or removes Innkeeper's guest agent on this machine.
#
#   curl -fsSL http://MANAGER/install.sh | sh -s -- --vm-id ID --token TOKEN
#   wget -qO- http://MANAGER/install.sh | sh -s -- --vm-id ID --token TOKEN
#   ... | sh -s --                       upgrades, and keeps the configuration
#   ... | sh -s -- --uninstall [--purge]
#
# Runs under dash and the ash of busybox. Needs curl, wget or python3, and nothing else. The whole of
# it is read before anything is done, so that half a download does nothing.
#
# Exit codes: 0 done and healthy; 1 something of this machine failed; 2 wrong usage, or not root;
# 3 this machine cannot run it; 4 a download failed; 5 a checksum or signature is wrong; 6 it was
# installed and is not healthy; 7 it is healthy, and has not enrolled yet.

set -u
export LC_ALL=C
# The agent on this machine is never asked through a proxy.
export no_proxy="127.0.0.1${no_proxy:+,$no_proxy}"

# The manager fills these in when it serves this file.
MANAGER_URL=''
MANAGER_KEYS=''
VERSION=''
# Lines of: SHA-256, blank, name.
CHECKSUMS=''

BIN=/usr/local/bin/guest-agent
BUNDLE=/usr/local/lib/guest-agent/guest-agent.mjs
CONFIG=/etc/guest-agent/config.json
ENVIRONMENT=/etc/guest-agent/environment
STATE=/var/lib/guest-agent
LOG_FILE=/var/log/guest-agent.log
UNITS=/etc/systemd/system
NODE_FLAGS='--lite-mode --single-threaded --v8-pool-size=0 --max-semi-space-size=1'
DEFAULT_PORT=8080
LONGEST_PAUSE=30
HEALTHY_WITHIN=20
ENROLLED_WITHIN=30

usage() {
  cat <<'USAGE'
Usage: install.sh [options]

  --vm-id ID --token TOKEN   enrol this machine (the manager's page of the VM shows both)
  --manager URL              where the manager is (the one that served this script)
  --key KEY                  trust this key of the manager (base64); repeatable
  --listen HOST:PORT         where the agent listens (0.0.0.0:8080)
  --role guest|host|guest,host
                             host: this machine is a hypervisor (guest)
  --commands on|off          may the manager run commands here (guests: on; hypervisors: off)
  --build native|node|auto   which build of the agent (auto)
  --tls auto|off             auto: once it has enrolled it encrypts (auto)
  --wait SECONDS             how long to try where the manager cannot be reached (60)
  --require-signature        give up where the manager's signature cannot be checked
  --root DIR                 install into this folder, an image that does not run; starts nothing
  --print                    only say what would be done
  --uninstall [--purge]      remove it; with --purge its configuration and identity too

The token may also be in the variable INNKEEPER_TOKEN, where no list of processes shows it.
USAGE
}

say() { printf '%s\n' "guest-agent: $*" >&2; }
fail() {
  code=$1
  shift
  say "$*"
  exit "$code"
}
have() { command -v "$1" >/dev/null 2>&1; }

# Whether the text is made of these characters only: what is written into files is never quoted.
is_made_of() {
  case $2 in
    '' | *[!$1]*) return 1 ;;
  esac
}

# --- options -------------------------------------------------------------------------------------

read_options() {
  action=install_agent purge=no print=no root='' role='' listen='' commands='' build=auto tls=''
  wait=60 vm_id='' token=${INNKEEPER_TOKEN:-} require_signature=no keys=$MANAGER_KEYS given_keys=''
  manager=$MANAGER_URL
  while [ $# -gt 0 ]; do
    case $1 in
      --uninstall) action=uninstall_agent ;;
      --purge) purge=yes ;;
      --print) print=yes ;;
      --require-signature) require_signature=yes ;;
      -h | --help) usage && exit 0 ;;
      --vm-id | --token | --manager | --key | --listen | --role | --commands | --build | --tls | --wait | --root)
        [ $# -ge 2 ] || fail 2 "$1 needs a value; --help lists the options"
        option=$1
        shift
        case $option in
          --vm-id) vm_id=$1 ;;
          --token) token=$1 ;;
          --manager) manager=${1%/} ;;
          --key) given_keys="$given_keys $1" ;;
          --listen) listen=$1 ;;
          --role) role=$1 ;;
          --commands) commands=$1 ;;
          --build) build=$1 ;;
          --tls) tls=$1 ;;
          --wait) wait=$1 ;;
          --root) root=${1%/} ;;
        esac
        ;;
      *) fail 2 "unknown option $1; --help lists the options" ;;
    esac
    shift
  done
  [ -z "$given_keys" ] || keys=$given_keys
  check_options
}

check_options() {
  case $role in '' | guest | host | guest,host) ;; *) fail 2 "--role is guest, host or guest,host, not $role" ;; esac
  case $commands in '' | on | off) ;; *) fail 2 "--commands is on or off, not $commands" ;; esac
  case $build in native | node | auto) ;; *) fail 2 "--build is native, node or auto, not $build" ;; esac
  case $tls in '' | auto | off) ;; *) fail 2 "--tls is auto or off, not $tls" ;; esac
  is_made_of 0-9 "$wait" || fail 2 "--wait needs a number of seconds, not $wait"
  asked_role=$role asked_commands=$commands asked_tls=$tls
  [ "$action" = install_agent ] || return 0
  case $manager in http://?* | https://?*) ;; *) fail 2 "--manager needs the URL of the manager, such as http://192.168.1.1:8080" ;; esac
  is_made_of ']a-zA-Z0-9.:/_[-' "$manager" || fail 2 "--manager has characters that no URL of a manager has"
  [ -z "$vm_id" ] || is_made_of 'a-zA-Z0-9_.-' "$vm_id" || fail 2 "--vm-id has characters that no id has"
  [ -z "$token" ] || is_made_of 'a-zA-Z0-9_.-' "$token" || fail 2 "--token has characters that no token has"
  [ -z "$listen" ] || is_made_of ']a-zA-Z0-9.:[-' "$listen" || fail 2 "--listen has characters that no address has"
  [ -z "$keys" ] || is_made_of 'a-zA-Z0-9+/_= -' "$keys" || fail 2 "--key has characters that no key has"
  if [ -n "$token" ] && { [ -z "$vm_id" ] || [ -z "$keys" ]; }; then
    fail 2 "to enrol, --vm-id, --token and a key of the manager belong together"
  fi
  if [ -n "$vm_id" ] && [ -z "$token" ]; then fail 2 "--vm-id needs --token: ask the manager for one"; fi
}

# --- downloading ---------------------------------------------------------------------------------

# get URL FILE: once; says why not on its standard output.
get() {
  if have curl; then
    curl -fsSL --connect-timeout 10 --max-time 300 -o "$2" "$1" 2>"$work/why" && return 0
  elif have wget; then
    # That of GNU would try twenty times by itself. That of busybox is ended from outside: with -T some
    # versions of it crash.
    if wget --version 2>/dev/null | grep -q GNU; then
      limits='wget -t 1 -T 20'
    elif timeout 1 true 2>/dev/null; then
      limits='timeout 300 wget'
    else
      limits=wget
    fi
    # shellcheck disable=SC2086
    $limits -O "$2" "$1" 2>"$work/why" && return 0
  else
    python3 -c '
import shutil, sys, urllib.request
try:
    with urllib.request.urlopen(sys.argv[1], timeout=20) as answer, open(sys.argv[2], "wb") as out:
        shutil.copyfileobj(answer, out)
except Exception as error:
    sys.exit(str(error))
' "$1" "$2" 2>"$work/why" && return 0
  fi
  # The last line that says something.
  grep '[^[:space:]]' "$work/why" | tail -n 1 | tr -d '\r' | cut -c 1-200
  return 1
}

# What comes back however often one asks. 408 and 429 are about time.
is_final() {
  case $1 in
    *'error: 408'* | *'ERROR 408'* | *' 408 '* | *'Error 408'*) return 1 ;;
    *'error: 429'* | *'ERROR 429'* | *' 429 '* | *'Error 429'*) return 1 ;;
    *'error: 4'[0-9][0-9]* | *'ERROR 4'[0-9][0-9]* | *'HTTP/1.'[01]' 4'[0-9][0-9]* | *'HTTP Error 4'[0-9][0-9]*) return 0 ;;
  esac
  return 1
}

# fetch PATH FILE: from the manager, as long as --wait says; each failure is told with its reason.
fetch() {
  left=$wait pause=1
  while :; do
    why=$(get "$manager$1" "$2") && return 0
    why=${why:-no reason was given}
    if is_final "$why"; then fail 4 "the manager does not have $1: $why"; fi
    [ "$left" -gt 0 ] || fail 4 "cannot fetch $manager$1: $why"
    [ "$pause" -le "$left" ] || pause=$left
    say "cannot fetch $manager$1 yet: $why; again in $pause s"
    sleep "$pause"
    left=$((left - pause)) pause=$((pause * 2))
    [ "$pause" -le "$LONGEST_PAUSE" ] || pause=$LONGEST_PAUSE
  done
}

sha256_of() {
  if have sha256sum; then
    sha256sum "$1" | cut -d ' ' -f 1
  elif have openssl; then
    openssl dgst -sha256 "$1" | sed 's/.*= *//'
  elif have shasum; then
    shasum -a 256 "$1" | cut -d ' ' -f 1
  elif have python3; then
    python3 -c 'import hashlib, sys; print(hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest())' "$1"
  fi
}

checksum_of() { printf '%s\n' "$CHECKSUMS" | sed -n "s/^\([0-9a-f]\{64\}\) $1\$/\1/p"; }

# fetch_artefact NAME FILE
fetch_artefact() {
  wanted=$(checksum_of "$1")
  [ -n "$wanted" ] || fail 4 "this manager does not offer $1"
  query=''
  [ -z "$vm_id" ] || query="?vm_id=$vm_id"
  fetch "/download/$1$query" "$2"
  found=$(sha256_of "$2")
  [ -n "$found" ] || fail 3 "nothing here computes SHA-256: install coreutils, openssl or python3"
  [ "$found" = "$wanted" ] ||
    fail 5 "$1 is not what it should be: its SHA-256 is $found, and $wanted was expected (was the manager just upgraded? then start over)"
}

# Raw Ed25519 to PEM: the 12 bytes in front of a key are always the same (RFC 8410).
write_pem() {
  text=$(printf '%s' "$1" | tr '_-' '/+' | tr -d '=')
  printf '%s\n' '-----BEGIN PUBLIC KEY-----' "MCowBQYDK2VwAyEA$text=" '-----END PUBLIC KEY-----' >"$work/key.pem"
}

# The checksums above came with this script; a key that came another way makes them trustworthy.
check_signature() {
  if [ -z "$keys" ]; then
    reason='no key of the manager is known'
  elif ! have openssl; then
    reason='openssl is not installed'
  elif ! openssl pkeyutl -help 2>&1 | grep -q rawin; then
    reason='this openssl cannot check Ed25519 signatures'
  else
    reason=''
  fi
  if [ -n "$reason" ]; then
    [ "$require_signature" = no ] || fail 5 "the manager's signature cannot be checked: $reason"
    say "the manager's signature is not checked: $reason. Checksums are"
    return 0
  fi
  fetch /download/manifest.json "$work/manifest.json"
  fetch /download/manifest.json.sig "$work/manifest.sig"
  openssl base64 -d -A -in "$work/manifest.sig" -out "$work/signature" 2>/dev/null
  for key in $keys; do
    write_pem "$key"
    if openssl pkeyutl -verify -rawin -pubin -inkey "$work/key.pem" -in "$work/manifest.json" \
      -sigfile "$work/signature" >/dev/null 2>&1; then
      check_manifest
      say "the manager's signature is good"
      return 0
    fi
  done
  fail 5 "the list of downloads is not signed by the manager's key: somebody is in between, or the key is another manager's"
}

check_manifest() {
  printf '%s\n' "$CHECKSUMS" | while read -r sum name; do
    [ -z "$name" ] || grep -q "{\"name\":\"$name\",\"bytes\":[0-9]*,\"sha256\":\"$sum\"}" "$work/manifest.json" ||
      fail 5 "$name is not in the signed list of downloads with the checksum that this script has"
  done || exit 5
}

# --- what this machine is ------------------------------------------------------------------------

find_init() {
  if [ -n "$root" ]; then
    if [ -e "$root/lib/systemd/systemd" ] || [ -e "$root/usr/lib/systemd/systemd" ]; then
      init=systemd
    elif [ -e "$root/sbin/openrc-run" ] || [ -e "$root/usr/sbin/openrc-run" ]; then
      init=openrc
    elif [ -d "$root/etc/init.d" ]; then
      init=sysv
    else
      init=none
    fi
  elif [ -d /run/systemd/system ] && have systemctl; then
    init=systemd
  elif have openrc-run && have rc-service; then
    init=openrc
  elif [ -d /etc/init.d ] && { have update-rc.d || have chkconfig; }; then
    init=sysv
  else
    init=none
  fi
}

# What was chosen at the last installation counts until somebody chooses anew.
recall_choices() {
  units=$root$UNITS
  if [ -z "$role" ] && [ -z "$token" ] && [ -e "$units/guest-agent-host.service" ]; then role=host; fi
  case $role in
    *host*)
      service=guest-agent-host
      [ "$commands" != on ] || fail 2 "--commands on is for guests: a hypervisor runs no commands for its manager"
      commands=off
      ;;
    *)
      service=guest-agent
      if [ -z "$commands" ] && [ -e "$units/guest-agent.service" ] && [ ! -e "$units/guest-agent.service.d/commands.conf" ]; then commands=off; fi
      commands=${commands:-on}
      ;;
  esac
}

# Only the larger of the native builds encrypts, and only an agent that enrols does. Without TLS there
# is less that could be wrong with it.
has_tls() {
  for file in "$root$CONFIG" "$root$ENVIRONMENT"; do
    if [ -z "$tls" ] && grep -Eqs '("tls": *"|^GUEST_AGENT_TLS=)off' "$file"; then tls=off; fi
  done
  [ "$tls" != off ] || return 1
  [ -n "$token" ] || [ -e "$root$STATE/state.json" ] || grep -qs '"enrollment_token"' "$root$CONFIG"
}

find_libc() {
  libc=glibc
  if [ -e "$root/lib/ld-musl-x86_64.so.1" ] || [ -e "$root/lib/ld-musl-aarch64.so.1" ]; then libc=musl; fi
}

# The oldest Node that it runs on is 18.15.
find_node() {
  node=''
  for name in node nodejs; do
    have "$name" || continue
    version=$("$name" -p 'const [a, b] = process.versions.node.split(".").map(Number); a > 18 || (a === 18 && b >= 15)' 2>/dev/null)
    if [ "$version" = true ]; then node=$(command -v "$name") && return 0; fi
  done
  return 1
}

choose_build() {
  machine=$(uname -m)
  [ "$(uname -s)" = Linux ] || fail 3 "the agent runs on Linux, and this is $(uname -s)"
  is_native=yes lacks_native=''
  case $machine in
    x86_64 | amd64) native=guest-agent-linux-x64 ;;
    aarch64 | arm64) native=guest-agent-linux-arm64 ;;
    *) is_native=no native='' ;;
  esac
  if has_tls && [ -n "$native" ] && [ -n "$(checksum_of "$native-tls")" ]; then native=$native-tls; fi
  if [ "$is_native" = yes ] && [ -z "$(checksum_of "$native")" ]; then
    is_native=no lacks_native="; the native build, which needs nothing, is not at the manager: $native (npm run build:native there makes it)"
  fi
  if [ "$build" = auto ]; then
    if [ "$is_native" = yes ]; then build=native; else build=node; fi
  fi
  if [ "$build" = native ] && [ "$is_native" = no ]; then
    fail 3 "there is no native build for $machine from this manager$lacks_native"
  fi
  if [ "$build" = node ]; then
    find_node || fail 3 "the agent needs Node 18.15 or newer here, which is not installed$lacks_native"
    artefact=guest-agent.mjs
  else
    artefact=$native
  fi
}

# --- installing ----------------------------------------------------------------------------------

# put FILE TARGET MODE: never half a file, and never a moment without one.
put() {
  target=$root$2
  mkdir -p "${target%/*}" || fail 1 "cannot make the folder ${target%/*}"
  { cp "$1" "$target.new" && chmod "$3" "$target.new" && mv -f "$target.new" "$target"; } ||
    fail 1 "cannot write $target"
}

fetch_build() {
  if [ "$build" = native ]; then
    fetch_artefact "$artefact" "$work/guest-agent"
    chmod 755 "$work/guest-agent"
  else
    fetch_artefact "$artefact" "$work/guest-agent.mjs"
    # shellcheck disable=SC2016
    printf '#!/bin/sh\nexec %s %s %s "$@"\n' "$node" "$NODE_FLAGS" "$BUNDLE" >"$work/guest-agent"
    # As it will be, with the bundle where it is now.
    sed "s|$BUNDLE|$work/guest-agent.mjs|" "$work/guest-agent" >"$work/try"
    chmod 755 "$work/guest-agent" "$work/try"
  fi
  [ -z "$root" ] || return 0
  trial=$work/guest-agent
  [ "$build" = native ] || trial=$work/try
  # /tmp may be a place from which nothing may be started, and says nothing about /usr/local.
  if ! told=$("$trial" --version 2>&1) && [ -x "$trial" ]; then
    fail 3 "the agent does not run here: $(printf '%s' "$told" | head -n 1 | cut -c 1-200)"
  fi
}

keep_previous() {
  had_previous=no
  [ -f "$root$BIN" ] || return 0
  if ! cmp -s "$work/guest-agent" "$root$BIN" || [ "$build" = node ]; then
    cp -p "$root$BIN" "$root$BIN.previous" && had_previous=yes
    [ ! -f "$root$BUNDLE" ] || cp -p "$root$BUNDLE" "$root$BUNDLE.previous"
  fi
}

put_build() {
  keep_previous
  # What an update by the manager has left: this is another program now.
  rm -f "$root$BIN.update" "$root$BUNDLE.update"
  [ "$build" = native ] || put "$work/guest-agent.mjs" "$BUNDLE" 644
  put "$work/guest-agent" "$BIN" 755
}

# write_config URL TOKEN KEYS: of an enrolment, or of none.
write_config() {
  switch='' plain=''
  [ "$tls" != off ] || plain=off
  # Whoever may run commands may replace this program, too; and only a service is started again.
  updates=on
  [ "$commands" = on ] || switch=off updates=''
  [ ! -f "$target" ] || cp -p "$target" "$target.old"
  (
    umask 077
    {
      printf '{'
      comma=''
      for pair in "listen=$listen" "role=$role" "exec=$switch" "power=$switch" "updates=$updates" "tls=$plain" "vm_id=$config_id" "manager_url=$1" "enrollment_token=$2"; do
        value=${pair#*=}
        [ -n "$value" ] || continue
        printf '%s\n  "%s": "%s"' "$comma" "${pair%%=*}" "$value"
        comma=,
      done
      if [ -n "$3" ]; then
        printf '%s\n  "manager_keys": [' "$comma"
        comma=''
        for key in $3; do
          printf '%s"%s"' "$comma" "$key"
          comma=', '
        done
        printf ']'
      fi
      printf '\n}\n'
    } >"$target.new"
  ) || fail 1 "cannot write $target"
  mv -f "$target.new" "$target" || fail 1 "cannot write $target"
}

# Is it as write_config has left it, and nobody has added anything?
is_own_config() {
  ! grep -Eqv '^([{}]|  "(listen|role|exec|power|updates|tls|vm_id|manager_url|enrollment_token|manager_keys)": .*)$' "$target"
}

config_value() { sed -n "s/^  \"$1\": \"\([^\"]*\)\",*\$/\1/p" "$target"; }

put_config() {
  target=$root$CONFIG
  mkdir -p "${target%/*}" "$root$STATE" || fail 1 "cannot make the folder ${target%/*}"
  chmod 700 "$root$STATE"
  config_id=$vm_id
  if [ -n "$token" ]; then
    write_config "$manager" "$token" "$keys"
  elif [ ! -f "$target" ]; then
    write_config '' '' ''
  elif [ -z "$listen$asked_role$asked_commands$asked_tls" ]; then
    say "keeps $CONFIG as it is"
  elif is_own_config; then
    listen=${listen:-$(config_value listen)} role=${asked_role:-$(config_value role)} config_id=$(config_value vm_id)
    write_config "$(config_value manager_url)" "$(config_value enrollment_token)" \
      "$(sed -n 's/^  "manager_keys": \[\(.*\)\],*$/\1/p' "$target" | tr -d '",')"
  else
    say "keeps $CONFIG, which somebody has edited: set listen, role, exec, power, updates and tls there by hand"
  fi
}

systemd_version() { systemctl --version 2>/dev/null | sed -n '1s/^systemd \([0-9]*\).*/\1/p'; }

yes_for() { if [ "$1" = on ]; then echo yes; else echo no; fi; }

# put_dropin NAME yes|no
put_dropin() {
  if [ "$2" = yes ]; then
    fetch_artefact "guest-agent-$1.conf" "$work/$1.conf"
    put "$work/$1.conf" "$UNITS/$service.service.d/$1.conf" 644
  else
    rm -f "$root$UNITS/$service.service.d/$1.conf"
  fi
}

other_service() {
  if [ "$service" = guest-agent ]; then echo guest-agent-host; else echo guest-agent; fi
}

put_service() {
  is_node=no has_steps=no
  [ "$build" = native ] || is_node=yes
  case $init in
    systemd)
      fetch_artefact "$service.service" "$work/unit"
      put "$work/unit" "$UNITS/$service.service" 644
      version=$(systemd_version)
      if [ -z "$root" ] && [ "${version:-0}" -ge 254 ]; then has_steps=yes; fi
      put_dropin node "$is_node"
      put_dropin restart-steps "$has_steps"
      if [ "$service" = guest-agent ]; then put_dropin commands "$(yes_for "$commands")"; fi
      ;;
    openrc)
      fetch_artefact guest-agent.openrc "$work/init"
      put "$work/init" /etc/init.d/guest-agent 755
      ;;
    sysv)
      fetch_artefact guest-agent.sysv "$work/init"
      put "$work/init" /etc/init.d/guest-agent 755
      ;;
  esac
}

# It is started anew in any case: the program may be another one.
start_service() {
  case $init in
    systemd)
      other=$(other_service)
      systemctl disable --now "$other.service" >/dev/null 2>&1
      systemctl daemon-reload && systemctl enable "$service.service" >/dev/null 2>&1 &&
        systemctl reset-failed "$service.service" >/dev/null 2>&1
      systemctl restart "$service.service"
      ;;
    openrc) rc-update add guest-agent default >/dev/null && rc-service guest-agent restart >/dev/null ;;
    sysv)
      if have update-rc.d; then update-rc.d guest-agent defaults >/dev/null; else chkconfig --add guest-agent; fi
      /etc/init.d/guest-agent restart >/dev/null
      ;;
  esac
}

# In an image nothing runs: only what happens at its first boot is decided.
enable_in_root() {
  case $init in
    systemd)
      wants=$root$UNITS/multi-user.target.wants
      mkdir -p "$wants" && ln -sf "$UNITS/$service.service" "$wants/$service.service"
      ;;
    openrc)
      mkdir -p "$root/etc/runlevels/default" &&
        ln -sf /etc/init.d/guest-agent "$root/etc/runlevels/default/guest-agent"
      ;;
    *) say "start $BIN when this image boots: it has no init system that is known here" ;;
  esac
}

last_words() {
  say "the last it said:"
  if [ "$init" = systemd ]; then
    journalctl -u "$service" -n 5 --no-pager -o cat >&2 2>/dev/null
  elif [ -f "$LOG_FILE" ]; then
    tail -n 5 "$LOG_FILE" >&2
  fi
}

# --- is it well ----------------------------------------------------------------------------------

health_url() {
  # As the agent has it: variables win over the file.
  place=$(sed -n 's/^GUEST_AGENT_LISTEN=["'\'']*\([^"'\'']*\).*/\1/p' "$ENVIRONMENT" 2>/dev/null | tail -n 1)
  place=${place:-$listen}
  [ -n "$place" ] || [ ! -f "$CONFIG" ] || place=$(sed -n 's/.*"listen": *"\([^"]*\)".*/\1/p' "$CONFIG")
  port=${place##*:}
  is_made_of 0-9 "${port:-}" || port=$DEFAULT_PORT
  host=${place%:*}
  case $host in '' | 0.0.0.0 | '[::]') host=127.0.0.1 ;; esac
  [ "$place" = none ] || printf 'http://%s:%s/health' "$host" "$port"
}

# Waits for so many seconds until /health says this.
says_within() {
  seconds=$1 pattern=$2
  while [ "$seconds" -gt 0 ]; do
    if get "$url" "$work/health" >/dev/null && grep -q "$pattern" "$work/health"; then return 0; fi
    sleep 1
    seconds=$((seconds - 1))
  done
  return 1
}

put_previous_back() {
  [ "$had_previous" = yes ] || return 0
  say "puts the version from before back"
  mv -f "$BIN.previous" "$BIN"
  [ ! -f "$BUNDLE.previous" ] || mv -f "$BUNDLE.previous" "$BUNDLE"
  start_service
}

check_health() {
  url=$(health_url)
  if [ -z "$url" ]; then
    say "installed; it listens on no TCP port, so nothing is asked"
    return 0
  fi
  if ! says_within "$HEALTHY_WITHIN" '"boot_id"'; then
    last_words
    put_previous_back
    fail 6 "it was installed, and does not answer on $url within $HEALTHY_WITHIN s"
  fi
  if [ -z "$token" ]; then
    say "it runs: $url answers"
    return 0
  fi
  if ! says_within "$ENROLLED_WITHIN" '"enrolled":true'; then
    last_words
    fail 7 "it runs, and has not enrolled within $ENROLLED_WITHIN s; it goes on trying unless its log says otherwise"
  fi
  say "it runs and is enrolled as $vm_id"
}

# --- the two actions -----------------------------------------------------------------------------

tell_plan() {
  printf '%s\n' "would install the $build build of $VERSION from $manager" \
    "  init system: $init, C library: $libc, machine: $machine" "  program: $root$BIN ($artefact)" \
    "  configuration: $root$CONFIG" "  service: $service, commands: $commands"
  if [ -n "$token" ]; then printf '%s\n' "  enrols as $vm_id"; fi
}

need_root() {
  [ -n "$root" ] || [ "$(id -u)" = 0 ] || fail 2 "needs root: run it with sudo or doas"
}

install_agent() {
  have curl || have wget || have python3 || fail 3 "nothing here downloads: install curl, wget or python3"
  [ -n "$CHECKSUMS" ] || fail 2 "get this script from the manager ($manager/install.sh): it brings the checksums"
  find_init
  recall_choices
  find_libc
  choose_build
  if [ "$print" = yes ]; then
    tell_plan
    return 0
  fi
  need_root
  if [ "$init" = none ] && [ -z "$root" ]; then
    fail 3 "no init system that is known here (systemd, OpenRC, SysV); download $manager/download/$artefact and start it by hand"
  fi
  say "installs the $build build of $VERSION ($init, $libc)"
  check_signature
  fetch_build
  put_build
  put_config
  put_service
  if [ -n "$root" ]; then
    enable_in_root
    say "installed below $root; it starts when that boots"
    return 0
  fi
  start_service || { last_words; put_previous_back; fail 6 "it was installed, and does not start"; }
  check_health
}

remove_service() {
  for name in guest-agent guest-agent-host; do
    if [ "$init" = systemd ] && [ -e "$root$UNITS/$name.service" ]; then
      [ -n "$root" ] || systemctl disable --now "$name.service" >/dev/null 2>&1
      rm -rf "$root$UNITS/$name.service" "$root$UNITS/$name.service.d" "$root$UNITS/multi-user.target.wants/$name.service"
    fi
  done
  if [ "$init" = systemd ] && [ -z "$root" ]; then systemctl daemon-reload; fi
  [ -e "$root/etc/init.d/guest-agent" ] || return 0
  if [ -z "$root" ]; then
    case $init in
      openrc) rc-service guest-agent stop >/dev/null 2>&1; rc-update del guest-agent default >/dev/null 2>&1 ;;
      *)
        /etc/init.d/guest-agent stop >/dev/null 2>&1
        if have update-rc.d; then update-rc.d -f guest-agent remove >/dev/null 2>&1; elif have chkconfig; then chkconfig --del guest-agent; fi
        ;;
    esac
  fi
  rm -f "$root/etc/init.d/guest-agent" "$root/etc/runlevels/default/guest-agent"
}

uninstall_agent() {
  find_init
  if [ "$print" = yes ]; then
    echo "would stop and remove the agent below ${root:-/}"
    [ "$purge" = no ] || echo "  and its configuration, identity and log"
    return 0
  fi
  need_root
  remove_service
  rm -f "$root$BIN" "$root$BIN.previous" "$root$BIN.update" "$root${BIN%/*}/.new.${BIN##*/}"
  rm -rf "${root}${BUNDLE%/*}"
  if [ "$purge" = yes ]; then
    rm -rf "${root}${CONFIG%/*}" "$root$STATE" "$root$LOG_FILE"
    say "removed, with its configuration and identity"
  else
    say "removed; $CONFIG and $STATE are kept (--purge removes them too)"
  fi
}

main() {
  read_options "$@"
  work=$(mktemp -d) || fail 1 "cannot make a folder for downloads"
  trap 'rm -rf "$work"' EXIT
  trap 'exit 130' HUP INT TERM
  "$action"
}

main "$@"
