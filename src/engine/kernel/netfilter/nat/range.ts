/** Models: struct nf_nat_range2 (v6.1). Plain data: it stands in rules. */
export interface NatRange {
  /** NF_NAT_RANGE_MAP_IPS when present. */
  readonly minAddress: number | undefined;
  readonly maxAddress: number | undefined;
  /** NF_NAT_RANGE_PROTO_SPECIFIED when present. */
  readonly minPort: number | undefined;
  readonly maxPort: number | undefined;
  /** NF_NAT_RANGE_PROTO_RANDOM, _RANDOM_FULLY */
  readonly random: boolean;
  readonly randomFully: boolean;
  readonly persistent: boolean;
}

export const EMPTY_RANGE: NatRange = {
  minAddress: undefined, maxAddress: undefined, minPort: undefined, maxPort: undefined, random: false, randomFully: false, persistent: false,
};

export const exactly = (address: number, rest: NatRange = EMPTY_RANGE): NatRange => ({ ...rest, minAddress: address, maxAddress: address });
