// Contacts in groups: who gets the mails that are addressed to a group.

import type { Database } from '../connect.ts';
import { ContactEntity, ContactGroupEntity } from '../entities/catalog.ts';
import { answering, type CatalogAnswer, done, notFound } from './catalog-answer.ts';

export interface ContactGroup {
  readonly code: string;
  readonly name: string;
}

export interface Contact {
  readonly contactId: number;
  readonly group: string;
  readonly email: string;
  readonly name: string | null;
}

export function createContactGroup(db: Database, input: ContactGroup): Promise<CatalogAnswer<ContactGroup>> {
  return answering(async () => {
    const em = db.orm.em.fork();
    em.create(ContactGroupEntity, { code: input.code, name: input.name });
    await em.flush();
    return done({ code: input.code, name: input.name });
  });
}

export async function listContactGroups(db: Database): Promise<readonly ContactGroup[]> {
  const rows = await db.orm.em.fork().find(ContactGroupEntity, {}, { orderBy: { code: 'asc' }, limit: 1000 });
  return rows.map(({ code, name }) => ({ code, name }));
}

export function createContact(
  db: Database,
  input: { readonly group: string; readonly email: string; readonly name?: string },
): Promise<CatalogAnswer<Contact>> {
  return answering(async () => {
    const em = db.orm.em.fork();
    const group = await em.findOne(ContactGroupEntity, { code: input.group });
    if (group === null) return notFound('group', 'contact group', input.group);
    const row = em.create(ContactEntity, { group, email: input.email, name: input.name ?? null });
    await em.flush();
    return done({ contactId: row.id, group: input.group, email: row.email, name: row.name ?? null });
  });
}

/** @returns `not_found` on a repeat. */
export function deleteContact(db: Database, contactId: number): Promise<CatalogAnswer<null>> {
  return answering(async () => {
    const deleted = await db.orm.em.fork().nativeDelete(ContactEntity, { id: contactId });
    return deleted === 0 ? notFound('contactId', 'contact', String(contactId)) : done(null);
  });
}

export async function listContacts(
  db: Database,
  page: { readonly group?: string; readonly after?: number; readonly limit?: number } = {},
): Promise<readonly Contact[]> {
  const rows = await db.orm.em.fork().find(
    ContactEntity,
    {
      ...(page.group === undefined ? {} : { group: page.group }),
      ...(page.after === undefined ? {} : { id: { $gt: page.after } }),
    },
    { orderBy: { id: 'asc' }, limit: Math.min(page.limit ?? 100, 1000) },
  );
  return rows.map((row) => ({
    contactId: row.id,
    group: row.group.code,
    email: row.email,
    name: row.name ?? null,
  }));
}
