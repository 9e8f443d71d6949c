package io.redknot.server.net;

import io.redknot.server.Server;
import io.redknot.server.dispatch.Transactions;
import io.redknot.server.pubsub.Subscriptions;
import io.redknot.server.tracking.Tracker;

/** What others know of a client ends when it leaves, before it hears that it may go. */
final class Departure {
  private Departure() {}

  /** On the client's event loop; more than once does no harm. */
  static void of(Server server, ConnectionHandler client) {
    Session session = client.session();
    server.clients().remove(client);
    server.dispatcher().monitors().remove(client);
    Transactions.end(session);
    Subscriptions subscribed = session.subscriptions();
    if (subscribed != null) {
      subscribed.end();
    }
    Tracker tracker = session.tracker();
    if (tracker != null) {
      server.tracking().remove(tracker);
    }
  }
}
