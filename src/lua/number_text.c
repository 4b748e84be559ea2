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

xl_number_text xl_float_digits(double number, int digits) {
    xl_number_text text;
    snprintf(text.bytes, sizeof text.bytes, "%.*g", digits, number);
    const char *of_locale = localeconv()->decimal_point;
    char *point = strstr(text.bytes, of_locale);
    if (point != NULL) {
        const char *rest = point + strlen(of_locale);
        *point = '.';
        memmove(point + 1, rest, strlen(rest) + 1);
    }
    return text;
}

static xl_number_text float_text(double number) {
    return isnan(number) ? (xl_number_text){"nan"} : xl_float_digits(number, 14);
}

xl_number_text xl_number_text_at(lua_State *L, int index) {
    int is_integer;
    int64_t integer = lua_tointegerx(L, index, &is_integer);
    return is_integer ? xl_digits(integer) : float_text(lua_tonumber(L, index));
}
