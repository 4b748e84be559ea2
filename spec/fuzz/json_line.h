/*
 * The part of the fuzz target `json` that reads an input as a line of exectrack's own.
 */
#ifndef JSON_LINE_H
#define JSON_LINE_H

#include "exectrack.h"

/*
 * Reads an execution from `line`, and imports it. `compact` is what it is without white
 * space if it is JSON, else its bytes are null: what is no JSON must be refused, and the
 * other text must be read alike.
 */
void check_line(xt_text line, xt_text compact);

#endif
