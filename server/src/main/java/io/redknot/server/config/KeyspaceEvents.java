package io.redknot.server.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which keyspace notifications are sent.
 *
 * @param bits one bit per letter: bit <i>i</i> is the letter at index <i>i</i> of {@link #LETTERS}
 */
public record KeyspaceEvents(int bits) {
  /** Classes of events in the order they are printed, then the channels, then key misses. */
  public static final String LETTERS = "g$lshzxetdnKEm";

  /** What {@code A} stands for: every class but new keys and key misses. */
  public static final int ALL_CLASSES = (1 << "g$lshzxetd".length()) - 1;

  static final ConfigType<KeyspaceEvents> TYPE = new Type();

  /** Returns the bit of a letter of {@link #LETTERS}. */
  public static int bit(char letter) {
    int index = LETTERS.indexOf(letter);
    if (index < 0) {
      throw new IllegalArgumentException("no event class " + letter);
    }
    return 1 << index;
  }

  /** Returns whether the letter was given. */
  public boolean has(char letter) {
    return (bits & bit(letter)) != 0;
  }

  private String print() {
    StringBuilder out = new StringBuilder();
    int rest = bits;
    if ((bits & ALL_CLASSES) == ALL_CLASSES) {
      out.append('A');
      rest &= ~(ALL_CLASSES | bit('n')); // Redis prints no n beside A, though it is in force
    }
    for (int i = 0; i < LETTERS.length(); i++) {
      if ((rest & (1 << i)) != 0) {
        out.append(LETTERS.charAt(i));
      }
    }
    return out.toString();
  }

  private record Type() implements ConfigType<KeyspaceEvents> {
    @Override
    public Class<KeyspaceEvents> valueClass() {
      return KeyspaceEvents.class;
    }

    @Override
    public KeyspaceEvents parse(List<String> words, @Nullable KeyspaceEvents current)
        throws BadValueException {
      int bits = 0;
      for (char letter : words.getFirst().toCharArray()) {
        if (letter != 'A' && LETTERS.indexOf(letter) < 0) {
          throw new BadValueException("Invalid event class character. Use 'Ag$lshzxeKEtmdn'.");
        }
        bits |= letter == 'A' ? ALL_CLASSES : bit(letter);
      }
      return new KeyspaceEvents(bits);
    }

    @Override
    public String print(KeyspaceEvents value) {
      return value.print();
    }

    @Override
    public List<String> lines(String name, KeyspaceEvents value) {
      return List.of(name + " " + ConfigWords.quote(value.print()));
    }

    @Override
    public String accepts() {
      return "letters of Ag$lshzxetdnKEm";
    }
  }
}
