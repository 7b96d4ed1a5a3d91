"""Panels as all dashboards have them: one data source, descriptions, units, what an empty one
says."""

import dataclasses
import string
from typing import NamedTuple, Optional

import sdk

sdk.provide()

from grafana_foundation_sdk.builders import (  # noqa: E402
    common, dashboard, heatmap as heatmaps, prometheus, stat as stats, statetimeline,
    table as tables, timeseries)
from grafana_foundation_sdk.models import common as looks  # noqa: E402
from grafana_foundation_sdk.models import dashboard as models  # noqa: E402
from grafana_foundation_sdk.models import heatmap as heatmap_looks  # noqa: E402
from grafana_foundation_sdk.models.prometheus import PromQueryFormat, QueryEditorMode  # noqa: E402

import links  # noqa: E402

# Of a series: each costs a look at thousands of groups. Few for a rate, and for a sum of them all.
MOST_POINTS, FEW_POINTS = 200, 100
SOURCE = models.DataSourceRef(type_val="prometheus", uid="${datasource}")


class Says(NamedTuple):
    title: str
    description: str
    empty: str  # shown instead of a value that is not there


class Line(NamedTuple):
    """A query over time and how its series are called. `dashed`: what the others are held
    against."""
    expr: str
    legend: str
    dashed: bool = False


@dataclasses.dataclass(frozen=True)
class Column:
    """Of a table. With `label`, the column shows that label of the result and not its value."""
    title: str
    expr: str
    unit: str = "short"
    label: Optional[str] = None
    words: Optional[list] = None
    steps: Optional[tuple] = None  # thresholds, which then colour the text


def thresholds(*steps):
    """("green", ("red", 1)): the colour below all of them, then each from a value on."""
    first, *others = steps or ("text",)
    return [models.Threshold(value=None, color=first)] + [
        models.Threshold(value=value, color=color) for color, value in others]


def words(pairs):
    """Value mappings from {value: (text, colour or None)}."""
    return [models.ValueMap(options={
        str(value): models.ValueMappingResult(text=text, color=color, index=index)
        for index, (value, (text, color)) in enumerate(pairs.items())})]


def _query(expr, ref, is_instant):
    query = (prometheus.Dataquery().expr(expr).ref_id(ref).datasource(SOURCE)
             .editor_mode(QueryEditorMode.CODE))
    return query.instant() if is_instant else query.range()


def _range_query(line, ref):
    return (_query(line.expr, ref, False).legend_format(line.legend)
            .format(PromQueryFormat.TIME_SERIES))


def _frame(panel, says, unit, size):
    width, height = size
    return (panel.title(says.title).description(says.description).no_value(says.empty).unit(unit)
            .datasource(SOURCE).span(width).height(height))


def _thresholds(panel, steps):
    return panel.thresholds(dashboard.ThresholdsConfig().mode(models.ThresholdsMode.ABSOLUTE)
                            .steps(thresholds(*steps)))


def _color(panel, mode):
    return panel.color_scheme(dashboard.FieldColor().mode(mode))


def stat(says, expr, unit="short", steps=("green", ("red", 1)), *, name="", size=(4, 4),
         mappings=None, decimals=None):
    """A number, now. `name`: of each series, where there are several."""
    panel = _frame(stats.Panel(), says, unit, size)
    panel = _color(_thresholds(panel, steps), models.FieldColorModeId.THRESHOLDS)
    mode = looks.BigValueTextMode.VALUE_AND_NAME if name else looks.BigValueTextMode.VALUE
    panel = (panel.color_mode(looks.BigValueColorMode.VALUE).text_mode(mode)
             .graph_mode(looks.BigValueGraphMode.NONE).orientation(looks.VizOrientation.AUTO)
             .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]).values(False)
                             .fields(""))
             .with_target(_query(expr, "A", True).format(PromQueryFormat.TIME_SERIES)
                          .legend_format(name or says.title)))
    if mappings:
        panel = panel.mappings(mappings)
    return panel if decimals is None else panel.decimals(decimals)


def _property(name, value):
    return models.DynamicConfigValue(id_val=name, value=value)


def _dashed():
    return [_property("custom.lineStyle", {"fill": "dash", "dash": [8, 6]}),
            _property("custom.lineWidth", 2), _property("custom.fillOpacity", 0)]


def lines(says, drawn, unit="short", *, steps=("text",), size=(12, 9), stacked=False, to=None,
          colors=None, points=MOST_POINTS):
    """Series over time. `to`: where a click on one leads, see links.py."""
    panel = _frame(timeseries.Panel(), says, unit, size)
    panel = _color(_thresholds(panel, steps), models.FieldColorModeId.PALETTE_CLASSIC)
    shows_steps = "dashed" if len(steps) > 1 else "off"
    stacking = looks.StackingMode.NORMAL if stacked else looks.StackingMode.NONE
    panel = (panel.min(0).line_width(1).fill_opacity(25 if stacked else 0)
             .max_data_points(points).show_points(looks.VisibilityMode.AUTO).span_nulls(False)
             .draw_style(looks.GraphDrawStyle.LINE)
             .stacking(common.StackingConfig().mode(stacking).group("A"))
             .thresholds_style(common.GraphThresholdsStyleConfig().mode(
                 looks.GraphTresholdsStyleMode(shows_steps)))
             .tooltip(common.VizTooltipOptions().mode(looks.TooltipDisplayMode.MULTI)
                      .sort(looks.SortOrder.DESCENDING))
             .legend(common.VizLegendOptions().display_mode(looks.LegendDisplayMode.TABLE)
                     .placement(looks.LegendPlacement.BOTTOM).show_legend(True)
                     .calcs(["lastNotNull", "max"]).sort_by("Last *").sort_desc(True)))
    for ref, line in zip(string.ascii_uppercase, drawn):
        panel = panel.with_target(_range_query(line, ref))
        if line.dashed:
            panel = panel.override_by_query(ref, _dashed())
    for name, color in (colors or {}).items():
        panel = panel.override_by_name(name, [
            _property("color", {"mode": "fixed", "fixedColor": color})])
    return panel.data_links(links.from_series(to)) if to else panel


def timeline(says, line, mappings, *, size=(24, 8)):
    """States over time, one row for each series."""
    panel = _frame(statetimeline.Panel(), says, "none", size)
    panel = _color(_thresholds(panel, ("text",)), models.FieldColorModeId.THRESHOLDS)
    return (panel.mappings(mappings).max_data_points(MOST_POINTS)
            .show_value(looks.VisibilityMode.AUTO).merge_values(True)
            .row_height(0.85).fill_opacity(80).line_width(0)
            .legend(common.VizLegendOptions().display_mode(looks.LegendDisplayMode.LIST)
                    .placement(looks.LegendPlacement.BOTTOM).show_legend(True).calcs([]))
            .tooltip(common.VizTooltipOptions().mode(looks.TooltipDisplayMode.SINGLE)
                     .sort(looks.SortOrder.NONE))
            .data_links(links.from_series(links.GROUP))
            .with_target(_range_query(line, "A")))


def heatmap(says, line, unit="short", *, size=(24, 10)):
    """Series over time as rows whose colour is the value."""
    panel = _frame(heatmaps.Panel(), says, unit, size)
    panel = _thresholds(panel, ("text",))
    return (panel.calculate(False).max_data_points(MOST_POINTS)
            .color(heatmaps.HeatmapColorOptions().mode(heatmap_looks.HeatmapColorMode.SCHEME)
                   .scheme("Oranges").scale(heatmap_looks.HeatmapColorScale.EXPONENTIAL)
                   .exponent(0.5).steps(64).fill("dark-orange").reverse(False))
            .rows_frame(heatmaps.RowsHeatmapOptions().layout(looks.HeatmapCellLayout.AUTO))
            .cell_values(heatmaps.CellValues().unit(unit))
            .y_axis(heatmaps.YAxisConfig().axis_placement(looks.AxisPlacement.LEFT))
            .cell_gap(1).show_value(looks.VisibilityMode.NEVER).show_legend().show_tooltip()
            .with_target(_range_query(line, "A")))


def _cell(column):
    """What differs in a column from the others of its table."""
    properties = []
    if not column.label:
        properties.append(_property("unit", column.unit))
    if column.words:
        properties.append(_property("mappings", column.words))
    if column.steps:
        properties.append(_property("thresholds", {"mode": "absolute",
                                                   "steps": thresholds(*column.steps)}))
    if column.words or column.steps:
        properties.append(_property("custom.cellOptions", {"type": "color-text"}))
    return properties


def _arrange(keys, columns):
    """One row for each set of `keys`, with a column for each query."""
    names, hidden = dict(keys), {"Time": True}
    for ref, column in zip(string.ascii_uppercase, columns):
        value = f"Value #{ref}"
        if column.label:
            names[column.label], hidden[value] = column.title, True
        else:
            names[value] = column.title
    # A single answer bears no letter.
    if columns[0].label:
        hidden["Value"] = True
    else:
        names["Value"] = columns[0].title
    order = {name: index for index, name in enumerate(names)}
    if not columns[0].label:
        order["Value"] = order["Value #A"]
    return [models.DataTransformerConfig(id_val="merge", options={}),
            models.DataTransformerConfig(id_val="organize", options={
                "excludeByName": hidden, "indexByName": order, "renameByName": names})]


def table(says, keys, columns, *, sort=None, size=(24, 9), ascending=False):
    """Now. `keys`: the titles of the labels that make a row, by label. Groups and topics are
    links."""
    panel = _frame(tables.Panel(), says, columns[0].unit, size)
    panel = _color(_thresholds(panel, ("text",)), models.FieldColorModeId.THRESHOLDS)
    panel = (panel.show_header(True).cell_height(looks.TableCellHeight.SM)
             .footer(common.TableFooterOptions().show(False).enable_pagination(True)
                     .reducer(["sum"]))
             .sort_by([common.TableSortByFieldState().desc(not ascending)
                       .display_name(sort or columns[0].title)])
             .transformations(_arrange(keys, columns)))
    for ref, column in zip(string.ascii_uppercase, columns):
        panel = panel.with_target(_query(column.expr, ref, True).format(PromQueryFormat.TABLE))
        if properties := _cell(column):
            panel = panel.override_by_name(column.title, properties)
    for label, title in keys.items():
        if label in links.OF_LABEL:
            panel = panel.override_by_name(title, [_property("links", links.from_cell(label))])
    return panel
