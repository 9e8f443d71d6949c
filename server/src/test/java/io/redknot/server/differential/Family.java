package io.redknot.server.differential;

import java.util.List;

/** What the differential test draws of one family of commands. */
interface Family {
  /** Makes one command with arguments; called very often. */
  @FunctionalInterface
  interface Recipe {
    Step draw(Draw draw);
  }

  /** What a failing test calls the family. */
  String name();

  /** The commands; each is drawn equally often, so one may stand here several times. */
  List<Recipe> recipes();

  /** Commands without effect that show the state of a key, run on all keys at a sequence's end. */
  List<Step> probes(Key key);
}
