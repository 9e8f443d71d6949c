package io.redknot.server.net;

/** Whether a client gets replies, as CLIENT REPLY sets it. */
public enum ReplyMode {
  ON,
  OFF,
  /** The next command's reply is left out. */
  SKIP_NEXT,
  /** This command's reply is left out. */
  SKIP
}
