/** Where an agent answers: its address and its port, side by side. */
import type { JSX } from 'preact';
import { Field } from './field.tsx';

export interface AddressFieldsProps {
  readonly address: string;
  readonly port: string;
  readonly onAddress: (address: string) => void;
  readonly onPort: (port: string) => void;
  readonly addressLabel?: string;
  readonly portLabel?: string;
  readonly hint?: string;
  readonly addressProblem: string | undefined;
  readonly portProblem: string | undefined;
  /** Of the address; the port is needed in any case. */
  readonly required?: boolean;
  readonly disabled?: boolean;
  readonly placeholder: string;
}

/** No IPv6 address is longer. */
const MAX_ADDRESS = 45;
const MAX_PORT = 65_535;

export const AddressFields = ({
  address,
  port,
  onAddress,
  onPort,
  addressLabel = 'Address',
  portLabel = 'Port',
  hint,
  addressProblem,
  portProblem,
  required = false,
  disabled = false,
  placeholder,
}: AddressFieldsProps): JSX.Element => (
  <>
    <Field label={addressLabel} problem={addressProblem} {...(hint === undefined ? {} : { hint })}>
      {(ids) => (
        <input
          {...ids}
          class="input mono"
          disabled={disabled}
          required={required}
          maxLength={MAX_ADDRESS}
          autocomplete="off"
          spellcheck={false}
          placeholder={placeholder}
          value={address}
          onInput={(event) => onAddress(event.currentTarget.value)}
        />
      )}
    </Field>
    <Field label={portLabel} problem={portProblem}>
      {(ids) => (
        <input
          {...ids}
          class="input mono"
          disabled={disabled}
          type="number"
          required
          min={1}
          max={MAX_PORT}
          value={port}
          onInput={(event) => onPort(event.currentTarget.value)}
        />
      )}
    </Field>
  </>
);
