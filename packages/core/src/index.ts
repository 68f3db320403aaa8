// What other packages may use of the core.

export { assert, assertNever } from './assert.ts';
export {
  type Availability,
  availabilityOf,
  type Position,
  position,
  type StockStatus,
  statusOf,
} from './availability.ts';
export { type Evaluated, evaluate } from './evaluate.ts';
export { firstGrant, type LinePosition, positionOf } from './line-fold.ts';
export {
  type OrderState,
  orderState,
  type PlacedState,
  type SettledOrder,
  settleOrder,
} from './order.ts';
export { emptyLevel, type Posted, post } from './post.ts';
export {
  add,
  formatQuantity,
  hasPlaces,
  type InputRejection,
  maxOf,
  minOf,
  negate,
  type ParsedQuantity,
  parseQuantity,
  type Quantity,
  quantityFromSql,
  quantityToNumber,
  sqlFromQuantity,
  subtract,
  units,
  zero,
} from './quantity.ts';
export {
  type Cause,
  defaultSettings,
  type OrderPolicy,
  type RestockPolicy,
  resolveSettings,
  type SettingKey,
  type Settings,
  type SparseSettings,
  type StatusTrigger,
  settingKeys,
} from './settings.ts';
export { settleCommand } from './settle-command.ts';
export type {
  Bucket,
  CommandAnswer,
  CommandType,
  Disposition,
  Effect,
  Entry,
  FactKind,
  Hold,
  ItemCommand,
  ItemState,
  Level,
  LineAnswer,
  LineFact,
  LineScope,
  LineState,
  LineStatus,
  LocationView,
  MailTemplate,
  Movement,
  MovementKind,
  OrderCommand,
  OrderView,
  PlaceKind,
  Rejection,
  RejectionCode,
  Settled,
  Share,
  StockCommand,
  StockEffectType,
  StoreView,
  View,
} from './types.ts';
export { type ValidatedSettings, validateSettings } from './validate-settings.ts';
