// The one door of the core: a command and what is known go in, what was decided and everything to write comes out.

import { amend } from './amend.ts';
import { assertNever } from './assert.ts';
import { cancel, giveBack, restock, settleBack } from './give-back.ts';
import { hold, releaseHold } from './hold.ts';
import {
  adjustLevel,
  changeIncoming,
  countLevel,
  receiveGoods,
  setLevel,
  transfer,
} from './item-commands.ts';
import { pay } from './pay.ts';
import { place } from './place.ts';
import { ship } from './ship.ts';
import type { Settled, StockCommand, View } from './types.ts';

/**
 * Settles one command: decides it, posts its movements, and finds its effects.
 *
 * Pure: the same command on the same view gives the same answer. A repeat (the same event id on a line) answers
 * `nothing_to_do`. A refused command changes no level; a refused new line is still returned, to be remembered as rejected.
 * Items, stores and settings the command needs must be in the view; one that is missing is a defect and throws.
 */
export function settleCommand(command: StockCommand, view: View): Settled {
  switch (command.type) {
    case 'place':
      return place(command, view);
    case 'pay':
      return pay(command, view);
    case 'ship':
      return ship(command, view);
    case 'cancel':
    case 'delete':
      return cancel(command, view);
    case 'refund':
    case 'return':
      return giveBack(command, view);
    case 'restock':
      return restock(command, view);
    case 'amend':
      return amend(command, view);
    case 'settle_back':
      return settleBack(command, view);
    case 'adjust':
      return adjustLevel(command, view);
    case 'set':
      return setLevel(command, view);
    case 'count':
      return countLevel(command, view);
    case 'receive':
      return receiveGoods(command, view);
    case 'incoming':
      return changeIncoming(command, view);
    case 'transfer':
      return transfer(command, view);
    case 'hold':
      return hold(command, view);
    case 'release':
      return releaseHold(command, view);
    default:
      return assertNever(command);
  }
}
