// The order in which the log is read: newest 30 days first, all regions, every identity; one found later catches up. Pure.
import type { LookupKey } from './events.ts';
import { later } from './wire.ts';

const chunkMs = 30 * 86_400_000;
/** An attacker can mint sessions without end; beyond this they are counted, not followed. */
const mostPrincipals = 60;

/** Someone whose events are read. Nothing of it can be older than `since`. `by` made it; a key has a `userName`, a user may be `made` or taken over. */
export type Principal = { readonly key: LookupKey; readonly id: string; readonly since: string; readonly by?: string; readonly userName?: string; readonly made?: boolean };

/** `next` is a place on the grid of chunks (newest first) × regions. */
type Traveller = Principal & { readonly next: number };

export type Trip = {
  readonly from: string;
  readonly to: string;
  readonly regions: readonly string[];
  /** Given up: refused for good. */
  readonly closed: readonly string[];
  readonly principals: readonly Traveller[];
  readonly dropped: number;
  /** Whose query is under way: its further pages come before anyone found meanwhile. */
  readonly under: number | null;
};

/** What to ask next. */
export type Stop = { readonly principal: Principal; readonly key: LookupKey; readonly value: string; readonly region: string; readonly from: string; readonly to: string };

export function startTrip(regions: readonly string[], from: string, to: string, first: Principal): Trip {
  return { from, to, regions, closed: [], principals: [{ ...first, next: 0 }], dropped: 0, under: null };
}

/** Adds an identity; known and nameless ones change nothing. */
export function enqueue(trip: Trip, principal: Principal): Trip {
  const { key, id } = principal;
  const known = trip.principals.find((each) => each.key === key && each.id === id);
  // The log comes newest first: a login given to a user they made is read before its making.
  if (known !== undefined && principal.made === true && known.made !== true && known.by !== undefined)
    return { ...trip, principals: trip.principals.map((each) => (each === known ? { ...each, since: principal.since, made: true } : each)) };
  if (id === '' || known !== undefined) return trip;
  if (trip.principals.length >= mostPrincipals) return { ...trip, dropped: trip.dropped + 1 };
  return { ...trip, principals: [...trip.principals, { ...principal, next: 0 }] };
}

/** The identity furthest behind, at its next place; undefined at the end. */
export function peek(trip: Trip): Stop | undefined {
  const found = ahead(trip);
  if (found === undefined) return undefined;
  const { principal, place } = found;
  const { region, from, to } = placeOf(trip, place);
  return { principal, key: principal.key, value: principal.id, region, from, to };
}

/** Leaves the place `peek` gave: its last page was read. */
export function advance(trip: Trip): Trip {
  const found = ahead(trip);
  if (found === undefined) return trip;
  return { ...trip, under: null, principals: trip.principals.map((each, index) => (index === found.index ? { ...each, next: found.place + 1 } : each)) };
}

/** Stays at the place `peek` gave: more pages follow. */
export function stay(trip: Trip): Trip {
  return { ...trip, under: ahead(trip)?.index ?? null };
}

/** Gives a region up for everyone. */
export function close(trip: Trip, region: string): Trip {
  return { ...trip, under: null, closed: [...trip.closed, region] };
}

/** Goes on from where the trip ended, over the time that has passed since. */
export function goOn(trip: Trip, to: string): Trip {
  return { ...trip, from: later(trip.to, 1000), to, under: null, principals: trip.principals.map((each) => ({ ...each, next: 0 })) };
}

/** Places still to be read. */
export function left(trip: Trip): number {
  return trip.principals.reduce((sum, principal) => sum + places(trip).filter((place) => place >= principal.next && isOpen(trip, principal, place)).length, 0);
}

/** Places that were read. */
export function passed(trip: Trip): number {
  return trip.principals.reduce((sum, principal) => sum + places(trip).filter((place) => place < principal.next && isOpen(trip, principal, place)).length, 0);
}

function ahead(trip: Trip): { readonly principal: Traveller; readonly index: number; readonly place: number } | undefined {
  const candidates = trip.principals.flatMap((principal, index) => {
    const place = trip.under !== null && trip.under !== index ? undefined : places(trip).find((each) => each >= principal.next && isOpen(trip, principal, each));
    return place === undefined ? [] : [{ principal, index, place }];
  });
  return candidates.toSorted((a, b) => a.place - b.place || a.index - b.index)[0];
}

function places(trip: Trip): readonly number[] {
  const chunks = Math.max(1, Math.ceil((Date.parse(trip.to) - Date.parse(trip.from)) / chunkMs));
  return Array.from({ length: chunks * trip.regions.length }, (_, place) => place);
}

function placeOf(trip: Trip, place: number): { readonly region: string; readonly from: string; readonly to: string } {
  const chunk = Math.floor(place / trip.regions.length);
  const to = later(trip.to, -chunk * chunkMs);
  const start = later(trip.to, -(chunk + 1) * chunkMs);
  return { region: trip.regions[place % trip.regions.length] ?? '', from: start > trip.from ? start : trip.from, to };
}

/** Closed regions are skipped, and so is the time before an identity was made. */
function isOpen(trip: Trip, principal: Principal, place: number): boolean {
  const { region, to } = placeOf(trip, place);
  return !trip.closed.includes(region) && to > principal.since;
}
