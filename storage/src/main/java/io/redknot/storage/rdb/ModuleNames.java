package io.redknot.storage.rdb;

/**
 * The names of module types.
 *
 * <pre>
 *   id u64:  nine characters of 6 bits, the first one highest | version 10 bits
 * </pre>
 */
final class ModuleNames {
  private static final String LETTERS =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

  private static final int CHARACTERS = 9;
  private static final int CHARACTER_BITS = 6;
  private static final int VERSION_BITS = 10;

  private ModuleNames() {}

  /** The name of the type with an id. */
  static String of(long id) {
    StringBuilder name = new StringBuilder(CHARACTERS);
    for (int i = CHARACTERS - 1; i >= 0; i--) {
      int bits = (int) (id >>> (VERSION_BITS + i * CHARACTER_BITS));
      name.append(LETTERS.charAt(bits & (1 << CHARACTER_BITS) - 1));
    }
    return name.toString();
  }

  /** That a value cannot be read, as there are no modules. */
  static RdbException unknownType(long id) {
    return new RdbException(
        "The RDB file contains module data I can't load: no matching module type '" + of(id) + "'");
  }
}
