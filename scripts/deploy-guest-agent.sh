#!/bin/sh
# Puts the guest agent into a VM (or onto a hypervisor) that the manager knows, and stays until its
# first numbers are there.
#
#   scripts/deploy-guest-agent.sh VM_ID                     shows what to paste into the VM, and waits
#   scripts/deploy-guest-agent.sh VM_ID --ssh root@web-1    does it over ssh
#
# Exit codes: 0 it is enrolled and its numbers are there; 1 something of this machine failed; 2 wrong
# usage; 3 the manager refuses; 4 the manager cannot be reached; 5 the installation failed in the VM;
# 6 it has not enrolled in time; 7 it is enrolled, and no numbers come.

set -u
export LC_ALL=C

usage() {
  cat <<'USAGE'
Usage: scripts/deploy-guest-agent.sh VM_ID [options]

  --ssh [USER@]HOST   install over ssh, with sudo where USER is not root
  --print             only print the line to paste
  --yes               ask nothing
  --ip ADDRESS        register this address; else the agent reports its own
  --role guest|host   VM_ID is a VM, or a hypervisor (guest)
  --manager URL       where the manager is (INNKEEPER_URL, http://127.0.0.1:8080)
  --wait SECONDS      how long to wait for the agent (600)

The manager's token is taken from INNKEEPER_ADMIN_TOKEN, or from the file admin-token in
INNKEEPER_DATA_DIR (./data). Needs curl and node.
USAGE
}

fail() {
  code=$1
  shift
  printf '%s\n' "$*" >&2
  exit "$code"
}
say() { printf '%s\n' "$*" | tr -d '\000-\010\013-\037\177'; }
have() { command -v "$1" >/dev/null 2>&1; }

read_options() {
  id='' ssh='' print=no yes=no ip='' role=guest wait=600
  manager=${INNKEEPER_URL:-http://127.0.0.1:8080}
  while [ $# -gt 0 ]; do
    case $1 in
      --print) print=yes ;;
      --yes) yes=yes ;;
      -h | --help) usage && exit 0 ;;
      --ssh | --ip | --role | --manager | --wait)
        [ $# -ge 2 ] || fail 2 "$1 needs a value; --help lists the options"
        case $1 in
          --ssh) ssh=$2 ;;
          --ip) ip=$2 ;;
          --role) role=$2 ;;
          --manager) manager=${2%/} ;;
          --wait) wait=$2 ;;
        esac
        shift
        ;;
      -*) fail 2 "unknown option $1; --help lists the options" ;;
      *)
        [ -z "$id" ] || fail 2 "one VM at a time: $id, and then $1"
        id=$1
        ;;
    esac
    shift
  done
  case $id in
    '') usage >&2 && exit 2 ;;
    *[!0-9a-fA-F-]*) fail 2 "$id is no id; GET /v1/vms has them, and the address of a VM's page" ;;
  esac
  case $role in guest) kind=vms ;; host) kind=hosts ;; *) fail 2 "--role is guest or host, not $role" ;; esac
  case $wait in '' | *[!0-9]*) fail 2 "--wait needs a number of seconds, not $wait" ;; esac
  case $ssh in -*) fail 2 "--ssh needs a host, not $ssh" ;; esac
  case $ip in *[!0-9a-fA-F.:]*) fail 2 "--ip needs an address, not $ip" ;; esac
  path=/v1/$kind/$id
}

read_token() {
  token=${INNKEEPER_ADMIN_TOKEN:-}
  if [ -z "$token" ]; then
    file=${INNKEEPER_DATA_DIR:-./data}/admin-token
    [ -r "$file" ] || fail 2 "no token: set INNKEEPER_ADMIN_TOKEN, or start this where $file is"
    token=$(cat "$file")
  fi
  # In a file, where no list of processes shows it.
  (umask 077 && printf 'authorization: Bearer %s\n' "$token" >"$work/header") || exit 1
}

# field PATH: of the last answer. An empty line for what is not there.
field() {
  node -e '
let value = JSON.parse(require("node:fs").readFileSync(process.argv[1], "utf8"));
for (const key of process.argv[2].split(".")) value = value?.[key];
console.log(value ?? "");' "$work/answer" "$1" 2>/dev/null
}

# ask METHOD PATH [JSON]: the answer is in $work/answer, its status in $status.
ask() {
  set -- -sS -X "$1" -H "@$work/header" -H 'content-type: application/json' \
    --connect-timeout 5 --max-time 30 -o "$work/answer" -w '%{http_code}' ${3+--data "$3"} "$manager$2"
  status=$(curl "$@" 2>"$work/why") || fail 4 "the manager at $manager cannot be reached: $(cat "$work/why")"
}

# The same, where anything but success is the end.
must() {
  ask "$@"
  case $status in 2*) return 0 ;; esac
  message=$(field error.message)
  fail 3 "the manager refuses ($status $(field error.code)): $(say "${message:-no reason was given}")"
}

look_it_up() {
  must GET "$path"
  name=$(field name)
  [ -n "$name" ] || fail 3 "$manager does not answer as a manager does"
  [ "$print" = yes ] || say "== ${name} (${id}) at ${manager}"
}

make_token() {
  must POST "$path/enrollment"
  command=$(field command)
  [ -n "$command" ] || fail 3 "the manager gave no command"
}

# The script comes from here, so that the VM need not have curl, and ssh vouches for it.
install_over_ssh() {
  curl -fsS --max-time 60 -o "$work/install.sh" "$manager/install.sh" 2>"$work/why" ||
    fail 4 "the manager does not give its install script: $(cat "$work/why")"
  say "== installing over ssh on $ssh"
  options=${command#*sh -s -- }
  # shellcheck disable=SC2016
  remote='sudo=; [ "$(id -u)" = 0 ] || sudo=sudo; exec $sudo sh -s -- '$options
  ssh -o ConnectTimeout=15 -- "$ssh" "$remote" <"$work/install.sh"
  code=$?
  case $code in
    0) ;;
    7) say "   it runs, and has not enrolled yet" ;;
    255) fail 5 "ssh cannot reach $ssh, or is not let in" ;;
    *) fail 5 "the installation on $ssh failed with code $code: see above (sudo must not ask for a password)" ;;
  esac
}

show_what_to_paste() {
  cat <<TEXT

Paste this into a shell of root in $( [ "$role" = host ] && echo the hypervisor || echo the VM). It is good once, for 15 minutes:

    $command

Without curl, begin with: wget -qO- instead of curl -fsSL. Without the script, by hand (x64; arm64 has its own):

    wget $(field manager_url)/download/guest-agent-linux-x64-tls -O /usr/local/bin/guest-agent
    chmod +x /usr/local/bin/guest-agent && /usr/local/bin/guest-agent --help

TEXT
}

ask_for_ip() {
  [ "$yes" = no ] && [ -z "$ip" ] && [ -t 0 ] || return 0
  printf 'Address of the VM, if it should be registered by hand (Enter: the agent reports it): '
  read -r ip || ip=''
  case $ip in *[!0-9a-fA-F.:]*) fail 2 "$ip is no address" ;; esac
}

register_ip() {
  [ -n "$ip" ] || return 0
  [ "$role" = guest ] || fail 2 "--ip is for VMs; a host's address is changed with PATCH $path"
  must POST "$path/guest-ip" "{\"guest_ip\":\"$ip\"}"
  say "== registered $ip"
}

# Each step is told once, as soon as it is there.
wait_for_enrolment() {
  say "== waiting for the agent (at most $wait s; Ctrl-C ends the waiting, not the agent)"
  left=$wait told='' refusal=''
  while [ "$left" -gt 0 ]; do
    must GET "$path/enrollment"
    count=$(field events.length)
    step=0
    while [ "$step" -lt "${count:-0}" ]; do
      kind_of_step=$(field "events.$step.kind")
      case $told in *"|$kind_of_step|"*) ;; *) told="$told|$kind_of_step|" && say "   $(printf '%s' "$kind_of_step" | tr _ ' ')" ;; esac
      step=$((step + 1))
    done
    message=$(field refusal.message)
    if [ -n "$message" ] && [ "$message" != "$refusal" ]; then
      refusal=$message
      say "   refused: $message"
    fi
    [ "$(field state)" != enrolled ] || return 0
    sleep 1
    left=$((left - 1))
  done
  fail 6 "it has not enrolled within $wait s; in the VM: journalctl -u guest-agent, or /var/log/guest-agent.log"
}

show_first_numbers() {
  if [ "$role" = host ]; then
    say "== enrolled; GET $path/found lists its VMs"
    return 0
  fi
  left=30
  while [ "$left" -gt 0 ]; do
    ask GET "$path/metrics"
    if [ "$status" = 200 ] && [ "$(field origin)" = guest ] && [ -n "$(field cpu_usage_percent)" ]; then
      say "== its first numbers"
      say "   CPU     $(field cpu_usage_percent) %"
      say "   memory  $(field memory_usage_percent) % of $(field memory_total_bytes) bytes"
      say "   load    $(field load1)"
      ask GET "$path"
      say "   address $(field guest_ip)"
      return 0
    fi
    sleep 1
    left=$((left - 1))
  done
  why=$(field message)
  fail 7 "it is enrolled, and the manager gets no numbers: $(say "${why:-$(field reason)}")"
}

main() {
  read_options "$@"
  for program in curl node; do have "$program" || fail 1 "$program is not installed here"; done
  [ -z "$ssh" ] || have ssh || fail 1 "ssh is not installed here"
  work=$(mktemp -d) || fail 1 "cannot make a temporary folder"
  trap 'rm -rf "$work"' EXIT
  trap 'exit 130' HUP INT TERM
  read_token
  look_it_up
  make_token
  if [ "$print" = yes ]; then
    printf '%s\n' "$command"
    return 0
  fi
  if [ -n "$ssh" ]; then
    install_over_ssh
  else
    show_what_to_paste
    ask_for_ip
  fi
  register_ip
  wait_for_enrolment
  show_first_numbers
}

main "$@"
