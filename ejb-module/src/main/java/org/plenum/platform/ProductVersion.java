package org.plenum.platform;

/** The version of what runs here, as people read it. */
public final class ProductVersion {
  /** The version. */
  public static final String TEXT = "1.0.0";

  private ProductVersion() {}
}
