// Public surface of @stockroom/db.

export type { ApiKey, ApiRole } from './catalog/api-keys.ts';
export { createApiKey, findApiKey, listApiKeys, revokeApiKey } from './catalog/api-keys.ts';
export type { CatalogAnswer, CatalogProblem } from './catalog/catalog-answer.ts';
export type { Contact, ContactGroup } from './catalog/contacts.ts';
export {
  createContact,
  createContactGroup,
  deleteContact,
  listContactGroups,
  listContacts,
} from './catalog/contacts.ts';
export type { Location, Store } from './catalog/places.ts';
export {
  createLocation,
  createStore,
  listLocations,
  listStores,
  updateLocation,
  updateStore,
} from './catalog/places.ts';
export type { Product, ProductChanges, ProductInput } from './catalog/products.ts';
export { createProduct, findProduct, updateProduct } from './catalog/products.ts';
export type { Seeded, SeedOptions, SeedProduct } from './catalog/seed-catalog.ts';
export { seedCatalog } from './catalog/seed-catalog.ts';
export {
  getGlobalSettings,
  getProductSettings,
  setGlobalSettings,
  setProductSettings,
} from './catalog/settings.ts';
export type { Database, DatabaseOptions, TransactionOptions } from './connect.ts';
export { openDatabase } from './connect.ts';
export { engineErrorFromPg } from './engine-error-from-pg.ts';
export type { Directory, StoreEntry } from './hot/directory.ts';
export { loadDirectory } from './hot/directory.ts';
export type { LaterEvent } from './hot/later-events.ts';
export { loadLaterEvents } from './hot/later-events.ts';
export type { ChangedItem, OpeningItem } from './hot/levels.ts';
export { openLevels, saveLevels } from './hot/levels.ts';
export type { LoadedItem, OpenOutcome } from './hot/load.ts';
export { loadItems, loadLines, loadOnHandAt, loadOutcomes, loadWaitingLines } from './hot/load.ts';
export type { OrderFacts, ProductRow } from './hot/lock.ts';
export { lockOrders, lockOrdersForReceive, lockProducts, readOrders } from './hot/lock.ts';
export type { CommandRow, PendingCommand, TakenCommand } from './hot/mailbox.ts';
export {
  insertCommands,
  parkCommands,
  parkedPlacings,
  pendingCommands,
  placingParked,
  slotOf,
  takeCommands,
  unparkCommands,
  waitingProducts,
} from './hot/mailbox.ts';
export type { DueNotification, NewNotification } from './hot/outbox.ts';
export {
  claimNotification,
  dueNotifications,
  dueReplies,
  finishNotification,
  groupAddresses,
  insertNotifications,
  markReplied,
  postponeNotification,
  reviveNotifications,
} from './hot/outbox.ts';
export type {
  EarlyEvent,
  EventRow,
  KnownEvent,
  NewOrder,
  OrderGrowth,
  OrderRow,
  RefusedRow,
  SkuRow,
} from './hot/receive.ts';
export {
  findOrders,
  growOrders,
  insertEvents,
  insertOrders,
  insertRefused,
  knownEvents,
  releaseEarlyEvents,
  resolveSkus,
} from './hot/receive.ts';
export type { CausedEntry, OutcomeRow } from './hot/save.ts';
export {
  insertMovements,
  saveHolds,
  saveLines,
  saveOrderStates,
  saveOutcomes,
} from './hot/save.ts';
export type { SchemaVersion } from './migrate.ts';
export { assertSchemaIsKnown, knownMigrations, migrateDatabase, schemaVersion } from './migrate.ts';
export type { AvailabilityRow, AvailabilityRows } from './reads/availability.ts';
export { readAvailability } from './reads/availability.ts';
export type { CorridorCounts } from './reads/counts.ts';
export { readCounts } from './reads/counts.ts';
export type { ParkedCommand, RefusedEvent } from './reads/exceptions.ts';
export { countParkedCommands, listParkedCommands, listRefusedEvents } from './reads/exceptions.ts';
export type { LedgerEntry } from './reads/ledger.ts';
export { readLedgerOfOrder, readLedgerOfSku } from './reads/ledger.ts';
export type { NotificationRow, NotificationState } from './reads/notifications.ts';
export { countNotifications, listNotifications } from './reads/notifications.ts';
export { readCountStart, readLedgerAndMailCounts, readOrderCounts } from './reads/order-counts.ts';
export type { OrderDetail, OrderEventRow, OrderSummary } from './reads/orders.ts';
export { listOrders, readOrder } from './reads/orders.ts';
export type { EventOutcome, EventProgress, RecordedEvent } from './reads/outcomes.ts';
export { readOutcome, readOutcomes, readRecordedEvent } from './reads/outcomes.ts';
export type { Page, PageRequest } from './reads/page.ts';
export type { PlaceStock, ProductStock, SkuStock } from './reads/stock.ts';
export { listProducts, readStock } from './reads/stock.ts';
export { dumpSchema } from './schema-dump.ts';
export type { SettingValues } from './settings-values.ts';
export type { Sql, Statement } from './sql.ts';
export { statement } from './sql.ts';
export type { OrderHistory } from './verify/order-histories.ts';
export { readOrderHistories } from './verify/order-histories.ts';
export type { Difference, Verified, VerifyOptions } from './verify/verify-database.ts';
export { verifyDatabase } from './verify/verify-database.ts';
