package io.redknot.storage.aof;

/**
 * A collection as commands of at most 64 items each, so that executing one does not take long: the
 * verb, the key, the items.
 */
final class ChunkedCommand {
  /** As many items of a collection stand in one command. Source: Redis. */
  static final int ITEMS_MAX = 64;

  private final CommandOutput out;
  private final String verb;
  private final byte[] key;
  private final int wordsPerItem;
  private long left;
  private int leftInCommand;

  ChunkedCommand(CommandOutput out, String verb, byte[] key, long items, int wordsPerItem) {
    this.out = out;
    this.verb = verb;
    this.key = key;
    this.left = items;
    this.wordsPerItem = wordsPerItem;
  }

  /** The next item's words follow. */
  CommandOutput item() {
    if (leftInCommand == 0) {
      leftInCommand = (int) Math.min(left, ITEMS_MAX);
      left -= leftInCommand;
      out.begin(2 + leftInCommand * wordsPerItem, verb).word(key);
    }
    leftInCommand--;
    return out;
  }
}
