/* Reads numbers as people write them: see plain_number.h. */
#include "base/plain_number.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

bool plain_number_take(const char **at, double *value) {
    char *end;
    size_t digits = strspn(*at, "0123456789");
    if (digits == 0 && (*at)[0] != '.') return false;
    if ((*at)[digits] == 'x' || (*at)[digits] == 'X') return false;
    errno = 0;
    double read = strtod(*at, &end);
    if (end == *at || !isfinite(read) || (read == 0 && errno == ERANGE)) return false;
    *at = end;
    *value = read;
    return true;
}

bool plain_number_read(const char *text, double *value) {
    return plain_number_take(&text, value) && *text == '\0';
}
