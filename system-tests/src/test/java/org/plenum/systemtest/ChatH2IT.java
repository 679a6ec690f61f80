package org.plenum.systemtest;

import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(OnH2.class)
class ChatH2IT extends ChatContract {}
