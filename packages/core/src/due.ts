// When promises and deductions are due, by the settings.

import type { Settings } from './settings.ts';

/** Deductions are due: from the order's placing, or once it is paid. */
export function isDeductDue(settings: Settings, paid: boolean): boolean {
  return settings['deduct.on'] === 'ordered' || (settings['deduct.on'] === 'paid' && paid);
}

/** Promises are due. Where a deduction is due, what cannot be deducted yet is promised. */
export function isReserveDue(settings: Settings, paid: boolean): boolean {
  const reserveOn = settings['reserve.on'];
  if (reserveOn === 'ordered' || reserveOn === 'checkout') return true;
  return (reserveOn === 'paid' && paid) || isDeductDue(settings, paid);
}
