package io.redknot.cluster;

/** What clients are told to connect to ({@code cluster-preferred-endpoint-type}). */
public enum EndpointType {
  IP,
  HOSTNAME,
  UNKNOWN
}
