package io.redknot.server.net;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** All connected clients by id. */
public final class ClientRegistry {
  private final ConcurrentHashMap<Long, ConnectionHandler> clients = new ConcurrentHashMap<>();
  private final AtomicInteger count = new AtomicInteger();
  private final AtomicLong lastId = new AtomicLong();
  private final ReadAhead readAhead = new ReadAhead();

  /** An id that no client has had. */
  public long nextId() {
    return lastId.incrementAndGet();
  }

  /** What clients have sent that is not executed yet. */
  ReadAhead readAhead() {
    return readAhead;
  }

  /** Takes one of the places that {@code maxclients} allows; false where there is none left. */
  boolean admit(long clientsMax) {
    if (count.incrementAndGet() > clientsMax) {
      count.decrementAndGet();
      return false;
    }
    return true;
  }

  void add(ConnectionHandler client) {
    clients.put(client.session().id(), client);
  }

  void remove(ConnectionHandler client) {
    if (clients.remove(client.session().id()) != null) {
      count.decrementAndGet();
    }
  }

  /** Ends all commands that wait for something, with an error, and their connections with them. */
  public void unblockAll(String error) {
    for (ConnectionHandler client : clients.values()) {
      Suspension waiting = client.suspension();
      if (waiting != null) {
        waiting.disconnect(error);
      }
    }
  }

  /** Number of connected clients. */
  public int count() {
    return count.get();
  }

  /** The client with that id; null where there is none. */
  public @Nullable ConnectionHandler find(long id) {
    return clients.get(id);
  }

  /** All clients, oldest first. */
  public List<ConnectionHandler> all() {
    List<ConnectionHandler> all = new ArrayList<>(clients.values());
    if (all.size() > 1) {
      sort(all);
    }
    return all;
  }

  private static void sort(List<ConnectionHandler> all) {
    all.sort(Comparator.comparingLong(client -> client.session().id()));
  }
}
