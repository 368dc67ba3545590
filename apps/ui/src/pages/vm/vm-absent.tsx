/** Instead of a VM: there is none, there is none any more, or it is not for these eyes. */
import type { JSX } from 'preact';

const words = (wasThere: boolean, isForbidden: boolean): readonly [title: string, text: string] => {
  if (isForbidden) {
    return ['You may not see this VM', 'Your access is limited to some VMs, and not to this one.'];
  }
  return wasThere
    ? ['This VM is gone', 'It was deleted, or your access no longer reaches it.']
    : [
        'There is no such VM',
        'It was deleted, the link is mistyped, or your access does not reach it.',
      ];
};

export const VmAbsent = ({
  wasThere,
  isForbidden = false,
}: {
  readonly wasThere: boolean;
  readonly isForbidden?: boolean;
}): JSX.Element => {
  const [title, text] = words(wasThere, isForbidden);
  return (
    <div class="empty" role="status">
      <h2>{title}</h2>
      <p>{text}</p>
      <a class="button" href="/">
        To the fleet
      </a>
    </div>
  );
};
