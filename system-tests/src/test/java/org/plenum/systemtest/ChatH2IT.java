package org.plenum.systemtest;

@OnH2
class ChatH2IT extends ChatContract {}
