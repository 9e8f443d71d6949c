package io.redknot.server.config;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How much a client may leave unread before it is disconnected, for each class of client. */
public record OutputBufferLimits(Limit normal, Limit replica, Limit pubsub) {
  /**
   * The limits of one class; zero means none.
   *
   * @param hardBytes disconnect at once above this
   * @param softBytes disconnect when above this for {@code softSeconds} without a break
   */
  public record Limit(long hardBytes, long softBytes, long softSeconds) {
    private String print() {
      return hardBytes + " " + softBytes + " " + softSeconds;
    }

    private String printWithUnits() {
      String sizes = ConfigNumbers.sizeText(hardBytes) + " " + ConfigNumbers.sizeText(softBytes);
      return sizes + " " + softSeconds;
    }
  }

  private static final OutputBufferLimits UNLIMITED =
      new OutputBufferLimits(new Limit(0, 0, 0), new Limit(0, 0, 0), new Limit(0, 0, 0));

  static final ConfigType<OutputBufferLimits> TYPE = new Type();

  private OutputBufferLimits with(String clientClass, Limit limit) throws BadValueException {
    return switch (ConfigTable.lowerCase(clientClass)) {
      case "normal" -> new OutputBufferLimits(limit, replica, pubsub);
      case "slave", "replica" -> new OutputBufferLimits(normal, limit, pubsub);
      case "pubsub" -> new OutputBufferLimits(normal, replica, limit);
      default ->
          throw new BadValueException(
              "Invalid client class specified in buffer limit configuration.");
    };
  }

  private record Type() implements ConfigType<OutputBufferLimits> {
    private static final int WORDS_PER_CLASS = 4;

    @Override
    public Class<OutputBufferLimits> valueClass() {
      return OutputBufferLimits.class;
    }

    /** A class that is not named keeps its limits. */
    @Override
    public OutputBufferLimits parse(List<String> words, @Nullable OutputBufferLimits current)
        throws BadValueException {
      if (words.size() % WORDS_PER_CLASS != 0) {
        throw new BadValueException("Wrong number of arguments in buffer limit configuration.");
      }
      OutputBufferLimits limits = current == null ? UNLIMITED : current;
      for (int i = 0; i < words.size(); i += WORDS_PER_CLASS) {
        limits.with(words.get(i), limits.normal); // an unknown class is told before a bad number
        limits = limits.with(words.get(i), limit(words.subList(i + 1, i + WORDS_PER_CLASS)));
      }
      return limits;
    }

    private static Limit limit(List<String> words) throws BadValueException {
      long hard = ConfigNumbers.sizeBytes(words.get(0));
      long soft = ConfigNumbers.sizeBytes(words.get(1));
      long seconds = seconds(words.get(2));
      if (hard < 0 || soft < 0 || seconds < 0) {
        throw new BadValueException(
            "Error in hard, soft or soft_seconds setting in buffer limit configuration.");
      }
      return new Limit(hard, soft, seconds);
    }

    private static long seconds(String word) {
      try {
        return Long.parseLong(word);
      } catch (NumberFormatException notANumber) {
        return -1;
      }
    }

    @Override
    public String print(OutputBufferLimits value) {
      return "normal %s slave %s pubsub %s"
          .formatted(value.normal.print(), value.replica.print(), value.pubsub.print());
    }

    @Override
    public List<String> lines(String name, OutputBufferLimits value) {
      List<String> lines = new ArrayList<>();
      lines.add(name + " normal " + value.normal.printWithUnits());
      lines.add(name + " replica " + value.replica.printWithUnits());
      lines.add(name + " pubsub " + value.pubsub.printWithUnits());
      return lines;
    }

    @Override
    public boolean takesManyWords() {
      return true;
    }

    @Override
    public String accepts() {
      return "normal, replica or pubsub, hard size, soft size, seconds; repeated";
    }
  }
}
