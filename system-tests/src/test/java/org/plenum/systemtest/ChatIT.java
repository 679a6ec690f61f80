package org.plenum.systemtest;

@OnPostgres
class ChatIT extends ChatContract {}
