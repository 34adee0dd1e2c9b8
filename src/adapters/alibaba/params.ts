// Checks flat wire parameters (`Tag.1.Key`) against an SDK request model, so that a typo is an error and not dropped. Pure.

/** The part of a generated request class that names its fields and their types. */
export type RequestModel = { names(): Readonly<Record<string, string>>; types(): Readonly<Record<string, unknown>> };

function modelOf(type: unknown): RequestModel | undefined {
  return typeof type === 'function' && 'names' in type && 'types' in type ? (type as unknown as RequestModel) : undefined;
}

/** Does `rest`, what follows a field's name, fit the field's type? */
function fits(type: unknown, rest: string): boolean {
  const model = modelOf(type);
  if (model) return rest.startsWith('.') && known(model, rest.slice(1));
  if (typeof type !== 'object' || type === null) return rest === '';
  const { type: shape, itemType } = type as { readonly type?: string; readonly itemType?: unknown };
  if (shape !== 'array') return rest === '' || rest.startsWith('.');
  const place = /^\.[1-9]\d*/.exec(rest);
  return place !== null && fits(itemType, rest.slice(place[0].length));
}

function known(model: RequestModel, parameter: string): boolean {
  const types = model.types();
  return Object.entries(model.names()).some(([field, wire]) => parameter.startsWith(wire) && fits(types[field], parameter.slice(wire.length)));
}

/** The parameters the model does not have; `RegionId` goes with every call. Without a model nothing else is known. */
export function unknownParameters(model: RequestModel | undefined, parameters: readonly string[]): readonly string[] {
  return parameters.filter((parameter) => parameter !== 'RegionId' && !(model && known(model, parameter)));
}
