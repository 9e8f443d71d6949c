package io.redknot.cluster.wire;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The one text form of an IP address on the bus: that of {@code inet_ntop}. */
public final class IpText {
  private static final int IPV6_GROUPS = 8;
  private static final Pattern OCTETS = Pattern.compile("(\\d{1,3})(\\.\\d{1,3}){3}");

  private IpText() {}

  /** The text of an address; an IPv4 address mapped into IPv6 is shown as IPv4. */
  public static String of(InetAddress address) {
    return address instanceof Inet6Address
        ? compress(address.getAddress())
        : address.getHostAddress();
  }

  /** The normal form of an IPv4 or IPv6 literal, or null when the text is not one. */
  public static @Nullable String normalize(String text) {
    if (text.indexOf(':') < 0) {
      return isIpv4(text) ? text : null;
    }
    try {
      return text.indexOf('%') >= 0 || text.indexOf('[') >= 0
          ? null
          : of(InetAddress.ofLiteral(text));
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private static boolean isIpv4(String text) {
    if (!OCTETS.matcher(text).matches()) {
      return false;
    }
    for (String octet : text.split("\\.", -1)) {
      if (Integer.parseInt(octet) > 255 || (octet.length() > 1 && octet.charAt(0) == '0')) {
        return false;
      }
    }
    return true;
  }

  /** Hex groups, the first longest run of two or more zero groups written as {@code ::}. */
  private static String compress(byte[] bytes) {
    int[] groups = new int[IPV6_GROUPS];
    int bestStart = -1;
    int bestLength = 1;
    int run = 0;
    for (int i = 0; i < IPV6_GROUPS; i++) {
      groups[i] = ((bytes[2 * i] & 0xff) << 8) | (bytes[2 * i + 1] & 0xff);
      run = groups[i] == 0 ? run + 1 : 0;
      if (run > bestLength) {
        bestLength = run;
        bestStart = i - run + 1;
      }
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < IPV6_GROUPS; i++) {
      if (i == bestStart) {
        text.append("::");
        i += bestLength - 1;
      } else {
        boolean separated = text.isEmpty() || text.charAt(text.length() - 1) == ':';
        text.append(separated ? "" : ":").append(Integer.toHexString(groups[i]));
      }
    }
    return text.toString();
  }
}
