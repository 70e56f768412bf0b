/* Defaults of an evaluation, and lists as users write them: see settings.h. */
#include "evaluation/settings.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/plain_number.h"
#include "base/shown.h"

#define DIGITS "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define AREA_LARGEST 1e15 /* square pixels; no image has so many */

/* ---- defaults ---------------------------------------------------------------------------- */

const char *iou_type_name(enum iou_type iou_type) {
    static const char *const names[IOU_TYPES] = {
        [IOU_BBOX] = "bbox", [IOU_SEGM] = "segm", [IOU_KEYPOINTS] = "keypoints"};
    return names[iou_type];
}

bool iou_type_read(const char *name, enum iou_type *iou_type) {
    *iou_type = IOU_BBOX;
    for (int i = 0; name && i < IOU_TYPES; i++) {
        *iou_type = (enum iou_type)i;
        if (strcmp(name, iou_type_name(*iou_type)) == 0) return true;
    }
    return !name;
}

/* `count` numbers from first to last, the same doubles as numpy.linspace. */
static void space_evenly(double first, double last, size_t count, double *into) {
    double step = count > 1 ? (last - first) / (double)(count - 1) : 0;
    for (size_t i = 0; i < count; i++) into[i] = (double)i * step + first;
    if (count > 1) into[count - 1] = last;
}

/* Params.setDetParams. Areas are inclusive at both ends: 1024 is small and medium. */
static void set_areas(struct settings *settings) {
    static const struct area_range areas[] = {
        {"all", 0, 1e10}, {"small", 0, 1024}, {"medium", 1024, 9216}, {"large", 9216, 1e10}};
    settings->area_count = sizeof areas / sizeof *areas;
    memcpy(settings->areas, areas, sizeof areas);
}

/* Params.setKpParams: no small areas, one cut, and the sigmas of COCO's 17 points. */
static void set_keypoints(struct settings *settings) {
    static const double tenfold[] = {.26, .25, .25,  .35,  .35, .79, .79, .72, .72,
                                     .62, .62, 1.07, 1.07, .87, .87, .89, .89};
    settings->area_count--;
    memmove(&settings->areas[1], &settings->areas[2], 2 * sizeof *settings->areas);
    settings->areas[settings->area_count] = (struct area_range){.name = ""};
    settings->max_det_count = 1;
    settings->max_dets[0] = 20;
    settings->sigma_count = sizeof tenfold / sizeof *tenfold;
    for (size_t i = 0; i < settings->sigma_count; i++) settings->sigmas[i] = tenfold[i] / 10.0;
}

void settings_init(struct settings *settings, enum iou_type iou_type) {
    *settings = (struct settings){.iou_type = iou_type,
                                  .exact = true,
                                  .threshold_count = 10,
                                  .max_det_count = 3,
                                  .max_dets = {1, 10, 100},
                                  .iou = .5,
                                  .confidence = .25};
    space_evenly(.5, .95, settings->threshold_count, settings->thresholds);
    set_areas(settings);
    if (iou_type != IOU_KEYPOINTS) return;
    settings->max_dets[1] = settings->max_dets[2] = 0;
    set_keypoints(settings);
}

/* ---- lists ------------------------------------------------------------------------------- */

/* A list that is being read. */
struct list {
    const char *name; /* of the parameter */
    const char *text; /* all of it */
    const char *at;
    struct err *err;
};

static bool refuse(const struct list *list, const char *reason) {
    char sent[SHOWN_ROOM];
    return err_set(list->err, ERR_BAD_REQUEST, "%s: %s, not \"%s\"", list->name, reason,
                   shown(list->text, sent));
}

/* Takes this character if it comes next. */
static bool take(struct list *list, char wanted) {
    if (*list->at != wanted) return false;
    list->at++;
    return true;
}

/* Reads numbers with commas between them; reason: what the list must be. */
static bool read_numbers(struct list *list, size_t max, const char *reason, double *into,
                         size_t *count) {
    *count = 0;
    do {
        if (*count == max || !plain_number_take(&list->at, &into[*count]))
            return refuse(list, reason);
        ++*count;
    } while (take(list, ','));
    return *list->at == '\0' || refuse(list, reason);
}

static bool ascends(const double *values, size_t count) {
    for (size_t i = 1; i < count; i++) {
        if (values[i] <= values[i - 1]) return false;
    }
    return true;
}

/* ---- thresholds -------------------------------------------------------------------------- */

static const char thresholds_rule[] =
    "must be up to 32 ascending numbers above 0 and at most 1, such as 0.5,0.75, or "
    "FIRST:LAST:STEP, such as 0.5:0.95:0.05";

/* After "FIRST:". The steps must end at `last`, because a last threshold that somebody named and
 * that is then missing would not be seen. */
static bool read_range(struct list *list, double first, struct settings *settings) {
    double last, step;
    if (!plain_number_take(&list->at, &last) || !take(list, ':') ||
        !plain_number_take(&list->at, &step) || *list->at) {
        return refuse(list, thresholds_rule);
    }
    if (step <= 0 || last < first) {
        return refuse(list, "a range must be FIRST:LAST:STEP, with LAST not below FIRST and STEP "
                            "above 0");
    }
    double steps = round((last - first) / step);
    if (steps >= THRESHOLDS_MAX) return refuse(list, "a range must give at most 32 thresholds");
    if (fabs(first + steps * step - last) > step * 1e-6) {
        return refuse(list, "LAST of a range must be a whole number of STEPs above FIRST");
    }
    settings->threshold_count = (size_t)steps + 1;
    space_evenly(first, last, settings->threshold_count, settings->thresholds);
    return true;
}

static bool read_thresholds(struct list *list, struct settings *settings) {
    double first;
    if (plain_number_take(&list->at, &first) && take(list, ':'))
        return read_range(list, first, settings);
    list->at = list->text;
    return read_numbers(list, THRESHOLDS_MAX, thresholds_rule, settings->thresholds,
                        &settings->threshold_count);
}

bool settings_read_thresholds(struct settings *settings, const char *text, struct err *err) {
    struct list list = {.name = "iou_thresholds", .text = text, .at = text, .err = err};
    struct settings read = *settings;
    if (!read_thresholds(&list, &read)) return false;
    if (read.thresholds[0] <= 0 || read.thresholds[read.threshold_count - 1] > 1 ||
        !ascends(read.thresholds, read.threshold_count)) {
        return refuse(&list, thresholds_rule);
    }
    *settings = read;
    return true;
}

/* ---- cuts -------------------------------------------------------------------------------- */

bool settings_read_max_dets(struct settings *settings, const char *text, struct err *err) {
    static const char rule[] =
        "must be up to 8 ascending whole numbers from 1 to 1000, such as 1,10,100";
    struct list list = {.name = "max_dets", .text = text, .at = text, .err = err};
    double cuts[MAX_DETS_MAX];
    size_t count;
    if (!read_numbers(&list, MAX_DETS_MAX, rule, cuts, &count)) return false;
    if (cuts[0] < 1 || cuts[count - 1] > MAX_DET_LARGEST || !ascends(cuts, count)) {
        return refuse(&list, rule);
    }
    for (size_t i = 0; i < count; i++) {
        if (cuts[i] != floor(cuts[i])) return refuse(&list, rule);
    }
    settings->max_det_count = count;
    for (size_t i = 0; i < count; i++) settings->max_dets[i] = (unsigned)cuts[i];
    return true;
}

/* ---- areas ------------------------------------------------------------------------------- */

static const char areas_rule[] =
    "must be up to 8 ranges NAME:LOW-HIGH in square pixels with commas between them, such as "
    "all:0-1e10,tiny:0-256 (NAME: up to 15 letters, digits and underscores)";

static bool has_area(const struct settings *settings, const char *name) {
    for (size_t i = 0; i < settings->area_count; i++) {
        if (strcmp(settings->areas[i].name, name) == 0) return true;
    }
    return false;
}

static bool take_area(struct list *list, struct area_range *area) {
    size_t len = strspn(list->at, LETTERS DIGITS "_");
    if (len == 0 || len >= AREA_NAME_ROOM) return false;
    *area = (struct area_range){.name = ""};
    memcpy(area->name, list->at, len);
    list->at += len;
    return take(list, ':') && plain_number_take(&list->at, &area->low) && take(list, '-') &&
           plain_number_take(&list->at, &area->high);
}

static bool read_areas(struct list *list, struct settings *settings) {
    settings->area_count = 0;
    do {
        struct area_range area;
        if (settings->area_count == AREAS_MAX || !take_area(list, &area)) {
            return refuse(list, areas_rule);
        }
        if (area.high < area.low || area.high > AREA_LARGEST) {
            return refuse(list, "HIGH of a range must be at least LOW, and at most 1e15");
        }
        if (has_area(settings, area.name)) return refuse(list, "the names must differ");
        settings->areas[settings->area_count++] = area;
    } while (take(list, ','));
    return *list->at == '\0' || refuse(list, areas_rule);
}

bool settings_read_areas(struct settings *settings, const char *text, struct err *err) {
    struct list list = {.name = "areas", .text = text, .at = text, .err = err};
    struct settings read = *settings;
    if (!read_areas(&list, &read)) return false;
    *settings = read;
    return true;
}

/* ---- sigmas ------------------------------------------------------------------------------ */

bool settings_read_sigmas(struct settings *settings, const char *text, struct err *err) {
    static const char rule[] =
        "must be one number above 0 and at most 10 for each point, up to 256, such as 0.026,0.025";
    struct list list = {.name = "sigmas", .text = text, .at = text, .err = err};
    struct settings read = *settings;
    if (!read_numbers(&list, SIGMAS_MAX, rule, read.sigmas, &read.sigma_count)) return false;
    for (size_t i = 0; i < read.sigma_count; i++) {
        if (read.sigmas[i] < 1e-6 || read.sigmas[i] > 10) return refuse(&list, rule);
    }
    *settings = read;
    return true;
}
