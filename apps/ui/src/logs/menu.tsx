/** A button that opens a panel below it; Esc and a click elsewhere close it. */
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Icon } from '../ui/icons.tsx';
import './menu.css';

export const Menu = ({
  label,
  title,
  className = '',
  isActive = false,
  children,
}: {
  readonly label: ComponentChildren;
  /** For a button that has only an icon. */
  readonly title?: string;
  readonly className?: string;
  readonly isActive?: boolean;
  /** Made only while it is open; what ends in `close` closes it. */
  readonly children: (close: () => void) => ComponentChildren;
}): JSX.Element => {
  const [isOpen, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!isOpen) return undefined;
    const onPointer = (event: Event): void => {
      const inside = event.target instanceof Node && root.current?.contains(event.target) === true;
      if (!inside) setOpen(false);
    };
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape') return;
      event.preventDefault();
      event.stopPropagation();
      setOpen(false);
      button.current?.focus();
    };
    document.addEventListener('pointerdown', onPointer);
    document.addEventListener('keydown', onKey, true);
    return () => {
      document.removeEventListener('pointerdown', onPointer);
      document.removeEventListener('keydown', onKey, true);
    };
  }, [isOpen]);
  return (
    <div class={`log-menu ${className}`} ref={root}>
      <button
        ref={button}
        type="button"
        class={`button${isActive ? ' button-primary' : ''}`}
        aria-expanded={isOpen}
        aria-label={title}
        title={title}
        onClick={() => setOpen(!isOpen)}
      >
        {label}
        {title === undefined ? <Icon name="chevronDown" /> : null}
      </button>
      {isOpen ? <div class="log-panel">{children(() => setOpen(false))}</div> : null}
    </div>
  );
};
