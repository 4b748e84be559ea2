/*
 * The terminal as a screen that a program draws on.
 */

#ifndef XC_TERMINAL_H
#define XC_TERMINAL_H

#include "lua/compat.h"

#pragma GCC visibility push(hidden)

/* Makes the metatable of terminals, when the module is loaded. */
void xc_register_terminals(lua_State *L);

/*
 * open_terminal(): the terminal at standard input and output, on its alternate screen, with the
 * cursor hidden, long lines cut, and keys read one by one without being shown; or nil and a
 * message. Its methods:
 *
 * - write(text): true; or nil and the system's message
 * - key(seconds): the bytes of the keys that were pressed, waiting that long at most; empty if
 *   there are none, or a signal came, such as that of another size; nil if the terminal is gone
 * - close(), also called by the collector: the terminal is as it was before
 *
 * While it is open, signals that end the process leave the terminal as it was before they do,
 * also SIGINT if Lua's interpreter handles it, and one that stops it (Ctrl-Z) does so until it goes
 * on. Signals that are ignored or handled by others stay so. There can be one at a time.
 */
int xc_open_terminal(lua_State *L);

/*
 * terminal_size(descriptor): how many columns and lines the terminal has, each nil if it isn't
 * known, or it isn't a terminal.
 */
int xc_terminal_size(lua_State *L);

#pragma GCC visibility pop

#endif
