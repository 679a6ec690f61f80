package org.plenum.systemtest;

import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(OnPostgres.class)
class ChatIT extends ChatContract {}
