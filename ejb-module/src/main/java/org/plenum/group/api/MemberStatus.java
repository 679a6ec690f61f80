package org.plenum.group.api;

/** Relation of an account to a group; without one it is an outsider. */
public enum MemberStatus {
  ACTIVE,
  INVITED,
  REQUESTED,
  BANNED
}
