package io.redknot.server.net;

import io.redknot.server.replication.PrimaryLink;

/** The line by which CLIENT LIST describes the connection to a primary, which is a client, too. */
public final class PrimaryInfo {
  private PrimaryInfo() {}

  /** The line with its line feed; empty while the link is down. */
  public static String line(PrimaryLink link, long nowMs) {
    if (!link.isUp()) {
      return "";
    }
    return "id="
        + link.clientId()
        + " addr="
        + link.address()
        + " laddr="
        + link.localAddress()
        + " fd=-1 name= age="
        + Math.max(0, nowMs - link.upSinceMs()) / 1000
        + " idle="
        + Math.max(0, nowMs - link.lastIoMs()) / 1000
        + " flags=M db="
        + link.database()
        + " sub=0 psub=0 ssub=0 multi=-1 qbuf="
        + (link.readOffset() - link.appliedOffset())
        + " qbuf-free=0 argv-mem=0 multi-mem=0 rbs=0 rbp=0 obl=0 oll=0 omem=0 tot-mem=0"
        + " events=r cmd=NULL user="
        + Session.DEFAULT_USER
        + " redir=-1 resp=2 lib-name= lib-ver=\n";
  }
}
