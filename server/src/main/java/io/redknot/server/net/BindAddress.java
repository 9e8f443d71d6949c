package io.redknot.server.net;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelFuture;
import java.net.InetSocketAddress;
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
  private static final String ANY_IPV4 = "0.0.0.0";
  private static final String ANY_IPV6 = "::";

  /** {@code *} is every IPv4 address, {@code ::*} every IPv6 address. */
  private static List<BindAddress> parse(List<String> words) {
    List<BindAddress> addresses = new ArrayList<>();
    for (String word : words) {
      boolean optional = word.startsWith("-");
      String text = optional ? word.substring(1) : word;
      switch (text) {
        case "*" -> addresses.add(new BindAddress(text, ANY_IPV4, optional));
        case "::*" -> addresses.add(new BindAddress(text, ANY_IPV6, optional));
        default -> addresses.add(new BindAddress(text, text, optional));
      }
    }
    return addresses;
  }

  /**
   * Those that need a socket each. Where the families are not kept apart, the one for all addresses
   * of IPv4 takes clients of IPv6 too, and a second one could not be bound.
   */
  public static List<BindAddress> parse(List<String> words, Transport transport) {
    List<BindAddress> addresses = parse(words);
    boolean any4 = addresses.stream().anyMatch(address -> address.host.equals(ANY_IPV4));
    if (any4 && !transport.keepsFamiliesApart()) {
      addresses.removeIf(address -> address.host.equals(ANY_IPV6));
    }
    return addresses;
  }

  /** Has a server listen there; returns when that has succeeded or failed. */
  public ChannelFuture bind(ServerBootstrap server, Transport transport, int port) {
    return transport.bind(server, new InetSocketAddress(host, port)).awaitUninterruptibly();
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
    return text.toLowerCase(Locale.ROOT).contains("address already in use");
  }
}
