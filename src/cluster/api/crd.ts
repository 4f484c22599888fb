/**
 * CustomResourceDefinition. Models: apiextensions.k8s.io/v1 as far as it switches a kind on: this lab serves a custom kind (see `crd` in kinds.ts) only
 * while its definition is stored. The fields of a custom resource come from the lab's own tables, not from the schema in the definition.
 * Not modelled: schemas, conversion webhooks, kinds the lab has no table for (refused).
 */
import { condition, objectMeta } from './meta.ts';
import { inert, list, str, struct, type Infer } from './schema.ts';

const names = struct('CustomResourceDefinitionNames', { plural: str, kind: str }, { singular: str, listKind: str, shortNames: list(str), categories: list(str) });
const version = struct('CustomResourceDefinitionVersion', { name: str }, {
  served: inert, storage: inert, deprecated: inert, deprecationWarning: str, schema: inert, subresources: inert, additionalPrinterColumns: inert, selectableFields: inert });

export const crdFields = struct('CustomResourceDefinition', {
  apiVersion: str, kind: str, metadata: objectMeta,
  spec: struct('CustomResourceDefinitionSpec', { group: str, names, scope: str, versions: list(version) }, { conversion: inert, preserveUnknownFields: inert }),
  status: struct('CustomResourceDefinitionStatus', {}, { conditions: list(condition), acceptedNames: inert, storedVersions: list(str) }),
}, {});
export type CustomResourceDefinition = Infer<typeof crdFields>;

/** What the apiextensions controllers write into a definition that conflicts with no other. */
export const establish = (crd: CustomResourceDefinition): CustomResourceDefinition => ({
  ...crd,
  status: {
    acceptedNames: crd.spec.names,
    conditions: [
      { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' },
      { type: 'Established', status: 'True', reason: 'InitialNamesAccepted', message: 'the initial names have been accepted' },
    ],
    storedVersions: crd.spec.versions.slice(0, 1).map((v) => v.name),
  },
});
