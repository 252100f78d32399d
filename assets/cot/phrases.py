"""The fixed wording of the embedded generator, English and Chinese: questions, steps and conclusions.

Questions are lists: each sample draws one by its seed. No wording here may claim a finding.
"""

LETTER_LINE = {"en": "Answer with the letter of the right option.", "zh": "请用正确选项的字母作答。"}

QUESTIONS: dict[str, dict[str, list[str]]] = {
    "en": {
        "kind": ["What kind of preparation is shown here?", "Which type of specimen or stain is this?"],
        "organ": ["Which organ or organ system does this specimen come from?", "Where does this specimen come from?"],
        "diagnosis": ["Which diagnosis fits this image best?", "What is the most likely diagnosis?",
                      "Which of these entities is shown here?"],
        "finding": ["Which of these statements describes this image?", "Which of these findings is present here?",
                    "Which description fits what is seen here?"],
        "description-easy": ["What is the main finding in this image?", "Briefly describe this image."],
        "description-medium": ["Describe the findings in this image.", "What can be seen in this image? Describe it."],
        "description-hard": ["Describe this image in detail.", "Give a detailed description of everything seen here."],
        "reasoning": ["What does this image show, and which findings support it?",
                      "What is your diagnosis or interpretation, and what is it based on?",
                      "How do you interpret this image? Give the findings that lead you there."],
        "look": ["What do you see?", "What stands out?", "Which findings do you see?"],
        "more": ["What else is worth noting?", "Are there further findings?"],
        "meaning": ["What does this point to?", "How do you interpret this?", "What is it, then?"],
    },
    "zh": {
        "kind": ["这是哪种类型的标本或制片？", "该图属于哪种制片？"],
        "organ": ["该标本来自哪个器官或系统？", "该标本取自何处？"],
        "diagnosis": ["最可能的诊断是什么？", "下列哪项诊断最符合该图像？"],
        "finding": ["下列哪项描述符合该图像？", "该图像中可见下列哪项表现？"],
        "description-easy": ["请简要描述该图像。", "该图像的主要表现是什么？"],
        "description-medium": ["请描述该图像的表现。", "该图像中可以看到什么？请加以描述。"],
        "description-hard": ["请详细描述该图像。", "请全面而详细地描述该图像中的所见。"],
        "reasoning": ["如何解读该图像？请给出依据。", "该图像提示什么？有哪些表现支持？"],
        "look": ["可以看到什么？", "有哪些突出的表现？"],
        "more": ["还有哪些值得注意的表现？", "还能看到什么？"],
        "meaning": ["这提示什么？", "应如何解读？"],
    },
}  # fmt: skip

PHRASES: dict[str, dict[str, str]] = {
    "en": {
        "fits": "Taken together, the interpretation is: {topic}.",
        "indicates": "Interpretation: {topic}.",
        "kind-is": "So this is {kind}.",
        "site": "The specimen comes from: {organ}.",
        "kind-he": "Nuclei are blue, cytoplasm and fibres are pink.",
        "kind-gross": "The specimen is seen with the naked eye.",
        "kind-cytology": "Cells lie on the slide singly and in groups, not in a section of tissue.",
        "kind-ihc": "A coloured reaction product marks certain structures against a pale counterstain.",
        "kind-fish": "Coloured point signals lie in the nuclei on a dark ground.",
        "key-finding": "Only one of the statements agrees with what is seen: {finding}",
        "key-diagnosis": "Of the entities offered, {entity} agrees best with this.",
        "background": "It is also known: {sentence}",
    },
    "zh": {
        "fits": "综合以上表现，判断为：{topic}。",
        "indicates": "判断：{topic}。",
        "kind-is": "因此这是{kind}。",
        "site": "标本来源：{organ}。",
        "kind-he": "细胞核呈蓝色，胞质和纤维呈粉红色。",
        "kind-gross": "这是肉眼观察的标本。",
        "kind-cytology": "细胞散在或成团分布于玻片上，并非组织切片。",
        "kind-ihc": "有色反应产物标记了部分结构，背景复染较淡。",
        "kind-fish": "暗背景下，细胞核内可见有色点状信号。",
        "key-finding": "各项描述中只有一项与所见一致：{finding}",
        "key-diagnosis": "在所列诊断中，{entity}与所见最为一致。",
        "background": "另外已知：{sentence}",
    },
}
