package io.redknot.server.net;

import java.net.BindException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * An address of the {@code bind} directive.
 *
 * @param text as it was given, without the {@code -}
 * @param host as the resolver takes it
 * @param optional whether the server starts without it
 */
public record BindAddress(String text, String host, boolean optional) {
  /** {@code *} is every IPv4 address, {@code ::*} every IPv6 address; both share one socket. */
  public static List<BindAddress> parse(List<String> words) {
    List<BindAddress> addresses = new ArrayList<>();
    for (String word : words) {
      boolean optional = word.startsWith("-");
      String text = optional ? word.substring(1) : word;
      switch (text) {
        case "*" -> addresses.add(new BindAddress(text, "0.0.0.0", optional));
        case "::*" -> addresses.add(new BindAddress(text, "::", optional));
        default -> addresses.add(new BindAddress(text, text, optional));
      }
    }
    return withoutCovered(addresses);
  }

  /** A socket of {@code ::} takes IPv4 clients too, so that a second one could not be bound. */
  private static List<BindAddress> withoutCovered(List<BindAddress> addresses) {
    boolean any4 = addresses.stream().anyMatch(address -> address.host.equals("0.0.0.0"));
    boolean any6 = addresses.stream().anyMatch(address -> address.host.equals("::"));
    if (any4 && any6) {
      addresses.removeIf(address -> address.host.equals("::"));
    }
    return addresses;
  }

  /** What the operating system said, in the words of strerror. */
  public static String reason(@Nullable Throwable cause) {
    if (inUse(cause)) {
      return "bind: Address already in use";
    }
    String text = cause == null ? null : cause.getMessage();
    return text == null ? "bind: failed" : text;
  }

  /** Whether a bind failed because somebody else has the address. */
  public static boolean inUse(@Nullable Throwable cause) {
    String text = cause == null || cause.getMessage() == null ? "" : cause.getMessage();
    return cause instanceof BindException
        || text.toLowerCase(Locale.ROOT).contains("address already in use");
  }
}
