/* html_page.h - what of the HTML report is the same for every run: style and script. */
#ifndef REPORT_HTML_PAGE_H
#define REPORT_HTML_PAGE_H

extern const char html_page_style[];
extern const char html_page_script[];

#endif
