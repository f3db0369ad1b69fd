export interface Entity {
  readonly kind:
    | 'class'
    | 'struct'
    | 'union'
    | 'enum'
    | 'function'
    | 'method'
    | 'field'
    | 'alias'
    | 'variable';
  /** Without `rocksdb::`; members as `DB::Put`. */
  readonly name: string;
  readonly header: string;
  readonly line: number;
  /** Functions and methods: as they stand there, blanks between the tokens. */
  readonly parameters?: string;
  readonly special?: 'constructor' | 'destructor' | 'operator';
  readonly static?: boolean;
  readonly deprecated?: boolean;
  /** Classes: the public ones. */
  readonly bases?: readonly string[];
  /** Enums. */
  readonly values?: readonly string[];
}

export function parseHeader(source: string, header: string): Entity[];
