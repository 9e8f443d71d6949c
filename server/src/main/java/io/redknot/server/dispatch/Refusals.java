package io.redknot.server.dispatch;

import io.redknot.protocol.Args;
import io.redknot.server.net.ClientKind;
import io.redknot.server.net.Session;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Error texts for requests that name no command or have the wrong number of words. */
public final class Refusals {
  private static final int NAME_SHOWN_MAX = 128;
  private static final int ARGUMENTS_SHOWN_MAX = 128;

  private Refusals() {}

  /** Names the command and as many of its arguments as fit. */
  public static CommandError unknownCommand(Args args) {
    StringBuilder shown = new StringBuilder();
    for (int i = 1; i < args.count() && shown.length() < ARGUMENTS_SHOWN_MAX; i++) {
      int room = ARGUMENTS_SHOWN_MAX - shown.length();
      shown.append('\'').append(cut(args, i, room)).append("' ");
    }
    return CommandError.of(
        "ERR unknown command '"
            + cut(args, 0, NAME_SHOWN_MAX)
            + "', with args beginning with: "
            + shown);
  }

  /** Names the subcommand as it was typed. */
  public static CommandError unknownSubcommand(CommandSpec container, Args args) {
    return CommandError.of(
        "ERR unknown subcommand '"
            + cut(args, 1, NAME_SHOWN_MAX)
            + "'. Try "
            + container.name().toUpperCase(Locale.ROOT)
            + " HELP.");
  }

  /**
   * What a client in RESP2 that listens to channels may not do: it could not tell replies from
   * messages.
   */
  static @Nullable CommandError whileSubscribed(CommandSpec spec, Session session) {
    if (session.kind() != ClientKind.PUBSUB || session.resp3() || spec.isForSubscribers()) {
      return null;
    }
    return CommandError.of(
        "ERR Can't execute '"
            + spec.name()
            + "': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET"
            + " are allowed in this context");
  }

  /** Too many or too few words. */
  public static CommandError arity(CommandSpec spec) {
    return CommandError.of("ERR wrong number of arguments for '" + spec.name() + "' command");
  }

  /** A known subcommand of a container with options that it does not know. */
  public static CommandError subcommandSyntax(CommandSpec spec, Args args) {
    CommandSpec container = spec.container();
    String name = container == null ? spec.name() : container.name();
    return CommandError.of(
        "ERR unknown subcommand or wrong number of arguments for '"
            + cut(args, 1, NAME_SHOWN_MAX)
            + "'. Try "
            + name.toUpperCase(Locale.ROOT)
            + " HELP.");
  }

  private static String cut(Args args, int index, int bytesMax) {
    String text = args.text(index);
    int nul = text.indexOf(0);
    String visible = nul < 0 ? text : text.substring(0, nul);
    return visible.length() > bytesMax ? visible.substring(0, bytesMax) : visible;
  }
}
