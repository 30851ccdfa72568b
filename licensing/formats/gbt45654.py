"""A draft of the sampling record for an audit by the sampling of GB/T 45654-2025: 4,000 records, 96 % of which pass.

Both figures are from secondary sources and marked as not verified. The standard samples for unsafe content; an audit
looks for model output, and the record says so first. Chinese, as whoever files it reads it.
"""

from dataclasses import dataclass

from licensing.formats.filing import Cited, Field, Filing, Section, Statement

KIND = "gbt45654"
TITLE = "语料抽样检查记录（模型输出）"
LAW = "参照 GB/T 45654-2025《网络安全技术 生成式人工智能服务安全基本要求》关于语料人工抽检的方法。"


@dataclass(frozen=True)
class SamplingFacts:
    """An audit with its result. Shares from 0 to 1; `drawn_each`: of each batch, None for every record."""

    organisation: str
    audit: Cited
    title: str
    file_name: str
    file_sha256: str
    on: str
    records: int
    drawn: int
    positive: int
    rate: float | None
    interval: tuple[float, float]
    confidence: float
    batches: int
    drawn_each: int | None
    seed: int
    sample: str
    method: str
    references: tuple[str, ...]
    sample_entry: Cited | None
    result_entry: Cited | None
    asked: int
    passing: float
    source: str
    verified: bool


def draft(facts: SamplingFacts) -> Filing:
    """The record of one audit."""
    figure = f"“抽样不少于 {facts.asked:,} 条、合格率不低于 {facts.passing:.0%}”"
    unverified = () if facts.verified else (f"{figure}引自二手资料，尚未与标准原文核对。",)
    return Filing(
        kind=KIND,
        title=TITLE,
        law=LAW,
        language="zh-Hans",
        organisation=facts.organisation,
        subject=facts.title,
        on=facts.on,
        notices=(
            "本记录由系统根据审计结果生成，未向任何机构提交，不构成法律意见，须由专人核对并签署。",
            "本记录所检查的是语料中的模型输出：与已登记的模型输出近乎相同，或含有模型自报身份的用语。标准所要求的安全风险检查"
            "不在其内，须另行进行。",
        ),
        sections=(_corpus(facts), _sampling(facts), _result(facts), _signed()),
        unverified=unverified,
    )


def _said(text: object, *sources: Cited) -> tuple[Statement, ...]:
    return (Statement(str(text), sources),) if text not in ("", None) else ()


def _corpus(facts: SamplingFacts) -> Section:
    return Section(
        "一",
        "语料",
        (
            Field("1", "语料名称", _said(facts.title, facts.audit)),
            Field("2", "文件", _said(facts.file_name, facts.audit)),
            Field("3", "文件 SHA-256", _said(facts.file_sha256, facts.audit)),
            Field("4", "语料总条数", _said(f"{facts.records:,} 条", facts.audit)),
            Field("5", "批次数", _said(f"{facts.batches:,} 个", facts.audit)),
            Field("6", "语料来源及授权"),
        ),
    )


def _sampling(facts: SamplingFacts) -> Section:
    each = f"每批次 {facts.drawn_each:,} 条" if facts.drawn_each else "全部记录"
    how = f"{each}，按种子与记录内容的 SHA-256 确定次序，任何人可重新抽取"
    if facts.batches > 1 and facts.drawn_each:
        how += "；按批次抽取，各批次的抽取比例可能不同"
    entry = (facts.sample_entry,) if facts.sample_entry else ()
    return Section(
        "二",
        "抽样",
        (
            Field("7", "抽样方法", _said(f"{how}。", facts.audit)),
            Field("8", "种子", _said(facts.seed, facts.audit)),
            Field("9", "抽样条数", _said(f"{facts.drawn:,} 条（要求不少于 {facts.asked:,} 条）", facts.audit)),
            Field("10", "样本摘要", _said(facts.sample, facts.audit, *entry)),
            Field("11", "先于检查记入日志", _said("是：样本在比对之前已记入日志。", *entry) if entry else ()),
        ),
    )


def _result(facts: SamplingFacts) -> Section:
    entry = (facts.result_entry,) if facts.result_entry else ()
    share = 1 - facts.positive / facts.drawn if facts.drawn else None
    low, high = facts.interval
    kept: tuple[Statement, ...] = ()
    if facts.rate is not None:
        told = f"检出占比 {facts.rate:.2%}（{facts.confidence:.0%} 区间 {low:.2%} 至 {high:.2%}，各批次按大小加权）。"
        kept = _said(told, facts.audit, *entry)
    references = tuple(Statement(name, (facts.audit,)) for name in facts.references)
    return Section(
        "三",
        "结果",
        (
            Field("12", "检查方法版本", _said(facts.method, facts.audit)),
            Field("13", "比对所用的已登记输出", references),
            Field("14", "检出条数", _said(f"{facts.positive:,} 条", facts.audit, *entry)),
            Field(
                "15",
                "合格率",
                _said(f"{share:.2%}（要求不低于 {facts.passing:.0%}）", facts.audit, *entry)
                if share is not None
                else (),
            ),
            Field("16", "整个语料的检出占比及区间", kept),
            Field("17", "结论", _said(_conclusion(facts, share), facts.audit)),
        ),
    )


def _conclusion(facts: SamplingFacts, share: float | None) -> str:
    """By the plain share, as the standard counts; too small a sample decides nothing."""
    if share is None:
        return ""
    if facts.drawn < facts.asked and facts.drawn < facts.records:
        return f"抽样不足 {facts.asked:,} 条，不能据此作出结论。"
    few = f"语料不足 {facts.asked:,} 条，已全部检查。" if facts.drawn < facts.asked else ""
    passed = facts.positive <= (1 - facts.passing) * facts.drawn + 1e-9
    told = "就模型输出而言，合格率达到该比例。" if passed else "就模型输出而言，合格率未达到该比例。"
    return f"{few}{told}"


def _signed() -> Section:
    return Section("四", "签署", (Field("18", "抽样人"), Field("19", "复核人"), Field("20", "签署日期")))
