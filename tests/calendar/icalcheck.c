/* Ask libical, which nobody here wrote, what it finds wrong with iCalendar files: one line for each finding. */
#include <libical/ical.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *whole(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file) { perror(path); exit(2); }
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    rewind(file);
    char *text = calloc(1, (size_t)size + 1);
    if (!text || fread(text, 1, (size_t)size, file) != (size_t)size) { perror(path); exit(2); }
    fclose(file);
    return text;
}

static void unfold(char *text) {
    char *to = text;
    for (char *from = text; *from; from++) {
        if (!strncmp(from, "\r\n ", 3)) from += 2;
        else *to++ = *from;
    }
    *to = 0;
}

int main(int count, char **paths) {
    for (int i = 1; i < count; i++) {
        char *text = whole(paths[i]);
        icalcomponent *calendar = icalparser_parse_string(text);
        if (!calendar) {
            printf("%s: cannot be parsed\n", paths[i]);
            free(text);
            continue;
        }
        int allowed = icalrestriction_check(calendar);
        int errors = icalcomponent_count_errors(calendar);
        if (!allowed) printf("%s: against the restrictions of RFC 5546\n", paths[i]);
        if (errors) {
            char *written = icalcomponent_as_ical_string_r(calendar);
            unfold(written);
            for (char *line = strtok(written, "\r\n"); line; line = strtok(NULL, "\r\n"))
                if (strstr(line, "X-LIC-ERROR")) printf("%s: %s\n", paths[i], line);
            free(written);
        }
        icalcomponent_free(calendar);
        free(text);
    }
    return 0;
}
