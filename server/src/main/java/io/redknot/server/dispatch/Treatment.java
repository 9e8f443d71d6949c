package io.redknot.server.dispatch;

/** What the dispatcher does otherwise for a command than for all others. */
public enum Treatment {
  COMMON,
  /** Runs what a transaction has queued, and is checked for all of that. */
  EXEC,
  /** Counts for the command behind it. */
  ASKING,
  /** Runs on the keys that are here, wherever their slot is. */
  MIGRATE,
  /** Is carried out by the cluster's own thread, or in a transaction while that stands still. */
  CLUSTER,
  /** May change whom this node follows. */
  ROLE,
  /** Tells whether the server is well. */
  PING
}
