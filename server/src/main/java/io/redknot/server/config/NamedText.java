package io.redknot.server.config;

/** A name with its value, as CONFIG GET answers them. */
public record NamedText(String name, String value) {}
