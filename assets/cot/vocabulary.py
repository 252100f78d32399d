"""Words of pathology that the embedded generator knows: names of kinds and organ systems, disease heads, common
entities per organ system.

The entities serve as wrong options where a book has too few of its own. They are general knowledge of the field, kept
at one level (no entity of a list is a kind of another), so that no wrong option is right after all.
"""

import re

# What a preparation is called when someone looks at it.
KIND_NAMES = {
    "en": {
        "he": "A histological section stained with haematoxylin and eosin",
        "gross": "A photograph of a gross specimen",
        "cytology": "A cytological preparation",
        "ihc": "An immunohistochemical stain",
        "fish": "A fluorescence in situ hybridisation preparation",
    },
    "zh": {
        "he": "苏木精-伊红染色的组织切片",
        "gross": "大体标本照片",
        "cytology": "细胞学涂片",
        "ihc": "免疫组织化学染色切片",
        "fish": "荧光原位杂交制片",
    },
}

# First thing to see in a preparation: a step that holds for every picture of the kind.
KIND_STEPS = {
    "en": {
        "he": "This is a histological section stained with haematoxylin and eosin, so architecture is read first and "
        "cells second.",
        "gross": "This is a gross specimen, so size, outline, colour and cut surface come first.",
        "cytology": "This is a cytological preparation, so the arrangement of the cells comes first and their nuclei "
        "second.",
        "ihc": "This is an immunohistochemical stain, so the question is which cells react and in which compartment.",
        "fish": "This is a fluorescence in situ hybridisation preparation, so the signals in each nucleus are counted "
        "and compared.",
    },
    "zh": {
        "he": "这是苏木精-伊红染色的组织切片，先看组织结构，再看细胞形态。",
        "gross": "这是大体标本，先看大小、轮廓、颜色和切面。",
        "cytology": "这是细胞学涂片，先看细胞排列，再看细胞核。",
        "ihc": "这是免疫组织化学染色切片，要看哪些细胞着色、着色在什么部位。",
        "fish": "这是荧光原位杂交制片，要逐个细胞核计数并比较信号。",
    },
}

ORGAN_NAMES = {
    "en": {
        "breast": "Breast", "digestive": "Digestive tract", "thoracic": "Lung, pleura and mediastinum",
        "urinary_male_genital": "Urinary tract and male genital organs", "female_genital": "Female genital tract",
        "haematolymphoid": "Lymphoid and haematopoietic tissue", "head_neck": "Head and neck",
        "endocrine": "Endocrine organs", "skin": "Skin", "soft_tissue_bone": "Soft tissue and bone",
        "central_nervous_system": "Central nervous system", "cardiovascular": "Heart and vessels",
        "liver_pancreas_biliary": "Liver, biliary tract and pancreas", "kidney": "Kidney", "eye": "Eye",
    },
    "zh": {
        "breast": "乳腺", "digestive": "消化道", "thoracic": "肺、胸膜与纵隔",
        "urinary_male_genital": "泌尿道与男性生殖系统",
        "female_genital": "女性生殖系统", "haematolymphoid": "淋巴造血组织", "head_neck": "头颈部",
        "endocrine": "内分泌器官",
        "skin": "皮肤", "soft_tissue_bone": "软组织与骨", "central_nervous_system": "中枢神经系统",
        "cardiovascular": "心脏与血管",
        "liver_pancreas_biliary": "肝胆胰", "kidney": "肾", "eye": "眼",
    },
}  # fmt: skip

# Organ systems that share organs or tissue: neither is a fair wrong option for the other.
NEIGHBOURS = {
    frozenset(("kidney", "urinary_male_genital")), frozenset(("digestive", "liver_pancreas_biliary")),
    frozenset(("head_neck", "endocrine")), frozenset(("head_neck", "digestive")), frozenset(("head_neck", "eye")),
    frozenset(("head_neck", "thoracic")), frozenset(("skin", "soft_tissue_bone")), frozenset(("skin", "head_neck")),
    frozenset(("haematolymphoid", "head_neck")), frozenset(("haematolymphoid", "thoracic")),
    frozenset(("central_nervous_system", "eye")), frozenset(("cardiovascular", "thoracic")),
    frozenset(("haematolymphoid", "soft_tissue_bone")), frozenset(("skin", "breast")),
}  # fmt: skip

ENTITIES = {
    "en": {
        "breast": "invasive ductal carcinoma|invasive lobular carcinoma|fibroadenoma|phyllodes tumour|intraductal "
        "papilloma"
        "|mucinous carcinoma|fat necrosis",
        "digestive": "tubular adenoma|hyperplastic polyp|ulcerative colitis|gastrointestinal stromal tumour"
        "|neuroendocrine tumour|acute appendicitis|Barrett oesophagus|signet ring cell carcinoma",
        "thoracic": "small cell carcinoma|squamous cell carcinoma|pulmonary adenocarcinoma|carcinoid tumour"
        "|mesothelioma|thymoma|sarcoidosis|pulmonary tuberculosis",
        "urinary_male_genital": "urothelial carcinoma|prostatic adenocarcinoma|seminoma|yolk sac tumour"
        "|benign prostatic hyperplasia|embryonal carcinoma",
        "female_genital": "leiomyoma|endometrioid carcinoma|high-grade serous carcinoma|mature cystic teratoma"
        "|squamous cell carcinoma|endometriosis|hydatidiform mole|granulosa cell tumour",
        "haematolymphoid": "follicular lymphoma|diffuse large B-cell lymphoma|Hodgkin lymphoma|Burkitt lymphoma"
        "|plasma cell myeloma|mantle cell lymphoma|reactive follicular hyperplasia",
        "head_neck": "pleomorphic adenoma|Warthin tumour|squamous cell carcinoma|adenoid cystic carcinoma|ameloblastoma"
        "|mucoepidermoid carcinoma|nasopharyngeal carcinoma",
        "endocrine": "papillary carcinoma|follicular adenoma|medullary carcinoma|Hashimoto thyroiditis"
        "|phaeochromocytoma|parathyroid adenoma|nodular goitre|anaplastic carcinoma",
        "skin": "basal cell carcinoma|squamous cell carcinoma|melanoma|seborrhoeic keratosis|intradermal naevus"
        "|dermatofibroma|psoriasis",
        "soft_tissue_bone": "lipoma|leiomyosarcoma|osteosarcoma|chondrosarcoma|giant cell tumour of bone|schwannoma"
        "|synovial sarcoma|Ewing sarcoma",
        "central_nervous_system": "meningioma|glioblastoma|oligodendroglioma|schwannoma|medulloblastoma|ependymoma"
        "|metastatic carcinoma",
        "cardiovascular": "myocardial infarction|atherosclerosis|cardiac myxoma|giant cell arteritis|amyloidosis"
        "|infective endocarditis|rheumatic carditis",
        "liver_pancreas_biliary": "hepatocellular carcinoma|cholangiocarcinoma|cirrhosis"
        "|pancreatic ductal adenocarcinoma|steatohepatitis|haemangioma|acute pancreatitis",
        "kidney": "clear cell renal cell carcinoma|papillary renal cell carcinoma|oncocytoma|nephroblastoma"
        "|angiomyolipoma|membranous nephropathy|diabetic glomerulosclerosis|acute pyelonephritis",
        "eye": "retinoblastoma|uveal melanoma|pterygium|chalazion|conjunctival papilloma",
        "other": "squamous cell carcinoma|adenocarcinoma|melanoma|malignant lymphoma|leiomyosarcoma|haemangioma"
        "|granulomatous inflammation|amyloidosis",
    },
    "zh": {
        "breast": "浸润性导管癌|浸润性小叶癌|纤维腺瘤|叶状肿瘤|导管内乳头状瘤|黏液癌|脂肪坏死",
        "digestive": "管状腺瘤|增生性息肉|溃疡性结肠炎|胃肠道间质瘤|神经内分泌肿瘤|急性阑尾炎|印戒细胞癌",
        "thoracic": "小细胞癌|鳞状细胞癌|肺腺癌|类癌|间皮瘤|胸腺瘤|结节病|肺结核",
        "urinary_male_genital": "尿路上皮癌|前列腺腺癌|精原细胞瘤|卵黄囊瘤|良性前列腺增生|胚胎性癌",
        "female_genital": "平滑肌瘤|子宫内膜样癌|高级别浆液性癌|成熟性囊性畸胎瘤|鳞状细胞癌|子宫内膜异位症|葡萄胎",
        "haematolymphoid": "滤泡性淋巴瘤|弥漫大B细胞淋巴瘤|霍奇金淋巴瘤|伯基特淋巴瘤|浆细胞骨髓瘤|套细胞淋巴瘤",
        "head_neck": "多形性腺瘤|沃辛瘤|鳞状细胞癌|腺样囊性癌|成釉细胞瘤|黏液表皮样癌|鼻咽癌",
        "endocrine": "乳头状癌|滤泡性腺瘤|髓样癌|桥本甲状腺炎|嗜铬细胞瘤|甲状旁腺腺瘤|结节性甲状腺肿",
        "skin": "基底细胞癌|鳞状细胞癌|黑色素瘤|脂溢性角化病|皮内痣|皮肤纤维瘤|银屑病",
        "soft_tissue_bone": "脂肪瘤|平滑肌肉瘤|骨肉瘤|软骨肉瘤|骨巨细胞瘤|神经鞘瘤|滑膜肉瘤|尤因肉瘤",
        "central_nervous_system": "脑膜瘤|胶质母细胞瘤|少突胶质细胞瘤|神经鞘瘤|髓母细胞瘤|室管膜瘤|转移癌",
        "cardiovascular": "心肌梗死|动脉粥样硬化|心脏黏液瘤|巨细胞动脉炎|淀粉样变性|感染性心内膜炎",
        "liver_pancreas_biliary": "肝细胞癌|胆管癌|肝硬化|胰腺导管腺癌|脂肪性肝炎|血管瘤|急性胰腺炎",
        "kidney": "透明细胞肾细胞癌|乳头状肾细胞癌|嗜酸细胞腺瘤|肾母细胞瘤|血管平滑肌脂肪瘤|膜性肾病|急性肾盂肾炎",
        "eye": "视网膜母细胞瘤|葡萄膜黑色素瘤|翼状胬肉|睑板腺囊肿|结膜乳头状瘤",
        "other": "鳞状细胞癌|腺癌|黑色素瘤|恶性淋巴瘤|平滑肌肉瘤|血管瘤|肉芽肿性炎|淀粉样变性",
    },
}

# Last word of a disease's name.
DISEASE_HEAD = {
    "en": re.compile(
        r"(?:\w*(?:carcinoma|sarcoma|lymphoma|blastoma|melanoma|adenoma|glioma|thelioma|cytoma|myeloma|papilloma"
        r"|fibroma"
        r"|lipoma|angioma|chondroma|osteoma|teratoma|seminoma|schwannoma|thymoma|myoma|myxoma|meningioma|hamartoma"
        r"|granuloma|keratosis|plasia|sclerosis|fibrosis|cirrhosis|necrosis|amyloidosis|sarcoidosis|tuberculosis"
        r"|endometriosis|steatosis|nephropathy|goitre|goiter|glioblastoma)|(?!with)\w{4,}itis|leuk(?:a)?emia"
        r"|infarct(?:ion)?"
        r"|tumou?rs?|cyst|polyp|n(?:a)?evus|cancer|disease|pneumonia|abscess|ulcer|atherosclerosis|psoriasis|mole"
        r"|o?esophagus|thrombus|thrombosis|h(?:a)?emorrhage|carcinoid)s?",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        r"[\u4e00-\u9fffA-Z]{1,14}?(?:癌|肉瘤|淋巴瘤|腺瘤|母细胞瘤|细胞瘤|瘤|白血病|硬化症?|硬化|梗死|坏死|结核|增生"
        r"|化生|"
        r"息肉|囊肿|肿瘤|溃疡|脓肿|结节病|银屑病|异位症|葡萄胎|肾病|肝炎|炎|甲状腺肿|角化病|痣|变性|不典型增生"
        r"|上皮内瘤变)"
        r"(?![\u4e00-\u9fff]?(?:细胞(?!癌|瘤)|巢|组织|栓))"
    ),
}

# Names that keep their capital inside a sentence.
EPONYMS = frozenset(  # one string reads better than a list of words
    "alcian alzheimer aschoff auer barrett bowen brenner brunner burkitt call candida charcot conn congo "  # noqa: SIM905
    "councilman crohn cushing dieterle down epstein ewing exner fontana gaucher ghon giemsa gleason golgi gomori "
    "goodpasture gram graves grawitz grocott hashimoto hassall heinz helicobacter hirschsprung hodgkin homer "
    "howell hürthle kaposi ki kimmelstiel kimura krukenberg kulchitsky kupffer langerhans langhans lewy leydig "
    "lieberkühn luschka mallory masson meckel merkel meissner mikulicz müllerian nissl paget paneth papanicolaou "
    "pautrier pick pompe prussian purkinje rathke reed rokitansky romanowsky rosai russell schiller schwann "
    "sertoli sjögren spitz sternberg sudan sézary turner verocay virchow wagner warthin wegener whipple wilms "
    "wright wuchereria ziehl aspergillus cryptococcus pneumocystis schistosoma mycobacterium gross-bloom hering".split()
)
