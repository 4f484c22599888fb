/** resource.Quantity as the API server writes it back. Models: apimachinery/pkg/api/resource/{quantity,suffix}.go (v1.29). Not modelled: more digits than nano, rounding of binary fractions below one. */
import { err, ok, type Result } from '../../base/result.ts';

const WRONG_FORMAT = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const WRONG_SUFFIX = "unable to parse quantity's suffix";
const FORM = /^([+-]?)(\d*)(?:\.(\d*))?([eEinumkKMGTP]*[-+]?\d*)$/;
const DECIMAL: readonly string[] = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'];
const BINARY: readonly string[] = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const NANO = 9;

/** The largest suffix that leaves a whole number: 1000m is 1, 0.5 is 500m, 1024Mi is 1Gi. */
export function canonicalQuantity(text: string): Result<string, string> {
  const [, sign = '', whole = '', fraction = '', suffix = ''] = FORM.exec(text) ?? [];
  if (whole + fraction === '') return err(WRONG_FORMAT);
  const exponent = /^[eE]([-+]?\d+)$/.exec(suffix)?.[1];
  const binary = exponent === undefined && suffix !== '' ? BINARY.indexOf(suffix) : -1;
  const decimal = DECIMAL.indexOf(suffix);
  if (exponent === undefined && binary < 0 && decimal < 0) return err(WRONG_SUFFIX);
  const power = exponent === undefined ? (binary >= 0 ? 0 : 3 * (decimal - 3)) : Number(exponent);
  const places = NANO + power - fraction.length;
  if (places < 0) return ok(text); // finer than a nano: kept as given
  let nano = BigInt(whole + fraction) * 10n ** BigInt(places);
  if (binary >= 0) nano *= 1024n ** BigInt(binary);
  const minus = sign === '-' && nano !== 0n ? '-' : '';
  if (nano === 0n) return ok('0');
  const unit = 10n ** BigInt(NANO);
  if (binary >= 0 && nano % unit === 0n && nano >= 1024n * unit) {
    let [n, i] = [nano / unit, 0];
    while (n % 1024n === 0n && i < BINARY.length - 1) [n, i] = [n / 1024n, i + 1];
    return ok(`${minus}${n}${BINARY[i] ?? ''}`);
  }
  let [n, i] = [nano, 0];
  while (n % 1000n === 0n && i < DECIMAL.length - 1) [n, i] = [n / 1000n, i + 1];
  const exp = exponent === undefined || i === 3 ? (DECIMAL[i] ?? '') : `e${3 * (i - 3)}`;
  return ok(`${minus}${n}${exp}`);
}
