#include "number_text.h"

#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <string.h>

xl_number_text xl_digits(int64_t integer) {
    xl_number_text text;
    snprintf(text.bytes, sizeof text.bytes, "%" PRId64, integer);
    return text;
}

static xl_number_text float_text(double number) {
    xl_number_text text = {"nan"};
    if (isnan(number)) {
        return text;
    }
    snprintf(text.bytes, sizeof text.bytes, "%.14g", number);
    char *point = strchr(text.bytes, localeconv()->decimal_point[0]);
    if (point != NULL) {
        *point = '.';
    }
    return text;
}

xl_number_text xl_number_text_at(lua_State *L, int index) {
    int is_integer;
    int64_t integer = lua_tointegerx(L, index, &is_integer);
    return is_integer ? xl_digits(integer) : float_text(lua_tonumber(L, index));
}
