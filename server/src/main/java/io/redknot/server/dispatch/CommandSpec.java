package io.redknot.server.dispatch;

import io.redknot.protocol.Args;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A command's row: what is checked before it runs, where its keys stand, and its handler.
 *
 * <p>Rows are completed while the table is built (the verbs here return the row itself) and do not
 * change afterwards.
 */
public final class CommandSpec {
  private final String fullName;
  private final int arity;
  private final @Nullable CommandHandler handler;
  private final @Nullable CommandSpec container;
  private final Map<String, CommandSpec> subcommands = new LinkedHashMap<>();
  private final List<KeySpec> keySpecs = new ArrayList<>();
  private String[] subcommandNames = {};
  private CommandSpec[] subcommandRows = {};
  private List<String> tips = List.of();
  private Guard guard = Guard.NONE;
  private Treatment treatment = Treatment.COMMON;
  private boolean takesKeys;
  private boolean immediate;
  private boolean forSubscribers;
  private long flags;
  private long categories;
  private int id;
  private int firstKey;
  private int lastKey;
  private int keyStep;
  private boolean keysByRange = true;
  private @Nullable KeyFinder keyFinder;

  CommandSpec(String name, int arity, @Nullable CommandHandler handler, @Nullable CommandSpec in) {
    this.fullName = in == null ? name : in.fullName + "|" + name;
    this.arity = arity;
    this.handler = handler;
    this.container = in;
  }

  /** Adds flags, and the ACL categories that follow from them. */
  public CommandSpec flags(CommandFlag... added) {
    for (CommandFlag flag : added) {
      flags |= flag.bit();
    }
    return this;
  }

  /** Adds ACL categories beyond those that follow from the flags. */
  public CommandSpec in(AclCategory... added) {
    for (AclCategory category : added) {
      categories |= category.bit();
    }
    return this;
  }

  /** Adds places of keys. */
  public CommandSpec keys(KeySpec... added) {
    for (KeySpec spec : added) {
      keySpecs.add(spec);
    }
    return this;
  }

  /** Makes the command depend on the configuration's permission. */
  public CommandSpec guarded(Guard by) {
    guard = by;
    return this;
  }

  /** The permission that the command needs. */
  public Guard guard() {
    return guard;
  }

  /** Has the dispatcher treat the command otherwise than others. */
  public CommandSpec treated(Treatment as) {
    treatment = as;
    return this;
  }

  /** Whether the dispatcher treats the command so. */
  boolean isTreated(Treatment as) {
    return treatment == as;
  }

  /** Makes the command run at once where others would be queued. */
  public CommandSpec immediate() {
    immediate = true;
    return this;
  }

  /** Allows the command to clients in RESP2 that listen to channels. */
  public CommandSpec forSubscribers() {
    forSubscribers = true;
    return this;
  }

  /** Whether clients in RESP2 that listen to channels may give the command. */
  boolean isForSubscribers() {
    return forSubscribers;
  }

  /** Whether the command runs at once inside a transaction. */
  boolean isImmediate() {
    return immediate;
  }

  /**
   * Sets the code that knows the keys where the key specs alone do not: they are incomplete,
   * unknown, or their flags depend on other arguments.
   */
  public CommandSpec findKeysBy(KeyFinder finder) {
    keyFinder = finder;
    return this;
  }

  /** Sets the hints for clients. */
  public CommandSpec tips(String... hints) {
    tips = List.of(hints);
    return this;
  }

  /** Adds a subcommand; its arity counts both words. */
  public CommandSpec sub(String name, int subArity, CommandHandler subHandler) {
    CommandSpec added = new CommandSpec(name, subArity, subHandler, this);
    if (subcommands.put(name, added) != null) {
      throw new IllegalStateException("duplicate subcommand " + added.fullName);
    }
    return added;
  }

  void complete(int ordinal) {
    id = ordinal;
    subcommandNames = subcommands.keySet().toArray(new String[0]);
    subcommandRows = subcommands.values().toArray(new CommandSpec[0]);
    deriveCategories();
    deriveRange();
    takesKeys = hasKeys();
  }

  private void deriveCategories() {
    if (has(CommandFlag.WRITE)) {
      in(AclCategory.WRITE);
    }
    if (has(CommandFlag.READONLY) && (categories & AclCategory.SCRIPTING.bit()) == 0) {
      in(AclCategory.READ);
    }
    if (has(CommandFlag.ADMIN)) {
      in(AclCategory.ADMIN, AclCategory.DANGEROUS);
    }
    if (has(CommandFlag.PUBSUB)) {
      in(AclCategory.PUBSUB);
    }
    if (has(CommandFlag.BLOCKING)) {
      in(AclCategory.BLOCKING);
    }
    in(has(CommandFlag.FAST) ? AclCategory.FAST : AclCategory.SLOW);
  }

  /**
   * First, last and step as COMMAND INFO shows them. One range is taken as it is; of several, those
   * that follow each other without a gap are joined. Where that leaves a key out, the command has
   * "movable keys".
   */
  private void deriveRange() {
    for (KeySpec spec : keySpecs) {
      if (spec.begin() instanceof KeySpec.Begin.Index index
          && spec.find() instanceof KeySpec.Find.Range range
          && (keySpecs.size() == 1 || (range.step() == 1 && follows(index)))) {
        join(index.position(), range);
        keysByRange &= !spec.flags().contains("incomplete");
      } else {
        keysByRange = false;
      }
    }
    if (!keysByRange) {
      flags(CommandFlag.MOVABLEKEYS);
    }
  }

  private boolean follows(KeySpec.Begin.Index index) {
    return lastKey == 0 || index.position() == lastKey + 1;
  }

  private void join(int position, KeySpec.Find.Range range) {
    int end = range.last() >= 0 ? position + range.last() : range.last();
    firstKey = firstKey == 0 ? position : Math.min(firstKey, position);
    // Unsigned: a position from the end is beyond every position from the start.
    lastKey = Integer.compareUnsigned(end, lastKey) > 0 ? end : lastKey;
    keyStep = range.step();
  }

  /** The lower-case name; {@code container|sub} for a subcommand. */
  public String name() {
    return fullName;
  }

  /** Positive: the exact number of words, the name included; negative: the least number. */
  public int arity() {
    return arity;
  }

  /** Whether the number of words fits. */
  public boolean accepts(int words) {
    return arity >= 0 ? words == arity : words >= -arity;
  }

  /** Whether a flag is set. */
  public boolean has(CommandFlag flag) {
    return (flags & flag.bit()) != 0;
  }

  /** All flags as a word of {@link CommandFlag#bit()}s. */
  public long flagBits() {
    return flags;
  }

  /** Whether the command is in an ACL category. */
  public boolean isIn(AclCategory category) {
    return (categories & category.bit()) != 0;
  }

  /** A number below {@link CommandTable#size()}, dense over commands and subcommands. */
  public int id() {
    return id;
  }

  /** The handler; a container without one has only subcommands. */
  public @Nullable CommandHandler handler() {
    return handler;
  }

  /** The container of a subcommand. */
  public @Nullable CommandSpec container() {
    return container;
  }

  /** The subcommands in the order of their rows. */
  public Collection<CommandSpec> subcommands() {
    return subcommands.values();
  }

  /** Whether the command has subcommands. */
  public boolean isContainer() {
    return subcommandNames.length > 0;
  }

  /** The subcommand that an argument names, in any case; null where there is none. */
  public @Nullable CommandSpec subcommand(Args args, int index) {
    for (int i = 0; i < subcommandNames.length; i++) {
      if (args.is(index, subcommandNames[i])) {
        return subcommandRows[i];
      }
    }
    return null;
  }

  /** Places of keys. */
  public List<KeySpec> keySpecs() {
    return keySpecs;
  }

  /** Whether any argument of the command may be a key: found once, read for every call. */
  public boolean takesKeys() {
    return takesKeys;
  }

  /** Whether any argument names a key or something else that has a slot. */
  public boolean isRouted() {
    return keyFinder != null || !keySpecs.isEmpty();
  }

  /** Whether any argument of the command may be a key. */
  public boolean hasKeys() {
    if (keyFinder != null) {
      return true;
    }
    for (KeySpec spec : keySpecs) {
      if (!spec.isNotKey()) {
        return true;
      }
    }
    return false;
  }

  /** The code that knows the keys where the specs alone do not; null where the specs do. */
  public @Nullable KeyFinder keyFinder() {
    return keyFinder;
  }

  /**
   * Visits the keys of a call: all of them, or none.
   *
   * @return false where there is no key or the arguments do not fit, so that the command would
   *     answer with an error
   */
  public boolean findKeys(Args args, KeyVisitor visitor) {
    return keyFinder == null ? findBySpecs(args, visitor) : keyFinder.find(args, visitor);
  }

  private boolean findBySpecs(Args args, KeyVisitor visitor) {
    int found = 0;
    for (KeySpec spec : keySpecs) {
      int count = spec.isNotKey() ? 0 : spec.count(args);
      // A count of 0 is an error wherever a count is mandatory; only a word may be absent.
      if (count < 0 || (count == 0 && spec.find() instanceof KeySpec.Find.Count)) {
        return false;
      }
      found += count;
    }
    for (KeySpec spec : keySpecs) {
      if (!spec.isNotKey()) {
        spec.positions(args, position -> visitor.key(position, spec.flags()));
      }
    }
    return found > 0;
  }

  /** Hints for clients. */
  public List<String> tips() {
    return tips;
  }

  /** Position of the first key, 0 where there is none or only the specs tell. */
  public int firstKey() {
    return firstKey;
  }

  /** Position of the last key, negative from the end. */
  public int lastKey() {
    return lastKey;
  }

  /** Distance of one key to the next. */
  public int keyStep() {
    return keyStep;
  }

  /** Whether {@link #firstKey()}, {@link #lastKey()} and {@link #keyStep()} name all keys. */
  public boolean keysByRange() {
    return keysByRange;
  }
}
