/* Leads from the page with forms to this one. #forms stays there. */
if (location.hash !== "#forms") location.replace("/web/");
